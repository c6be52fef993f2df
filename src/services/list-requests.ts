import type { RequestFilter, RequestListing, RequestQuery, RequestView } from '../contracts/requests.ts';
import type { Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { findGeneration } from '../store/generations.ts';
import {
  listRequests as listRows,
  type RequestRow,
  type RequestsFilter,
  type RequestsPage,
  sumRequests,
} from '../store/requests.ts';
import type { ServiceParts } from './parts.ts';
import { visibleModes } from './visible-modes.ts';

type ListParts = Pick<ServiceParts, 'db' | 'catalog'>;

/** Throws `not_found` for a cursor that is no request of the account. */
export async function listRequests(
  parts: ListParts,
  principal: Principal,
  query: RequestQuery,
): Promise<RequestListing> {
  const filter = storeFilter(parts, principal, query);
  const page = await pageOf(parts, principal, query);
  const [rows, summary] = await Promise.all([
    listRows(parts.db, filter, { ...page, limit: query.limit + 1 }),
    query.summary ? sumRequests(parts.db, filter) : null,
  ]);
  const has_more = rows.length > query.limit;
  const isBack = page.direction === 'newer';
  // The one too many lies at the far end.
  const shown = isBack ? rows.slice(-query.limit) : rows.slice(0, query.limit);
  return {
    requests: shown.map((row) => requestView(parts, row)),
    // Where a page came from, there is something.
    has_older: isBack ? true : has_more,
    has_newer: isBack ? has_more : page.beyond !== undefined,
    summary,
  };
}

/** An alias means its model; an id that the catalogue does not have (any more) is looked for as it is. */
export function storeFilter(
  { catalog }: Pick<ServiceParts, 'catalog'>,
  principal: Principal,
  { mode, model, status, key_id, tag, created_after, created_before, without_deleted }: RequestFilter,
): RequestsFilter {
  return {
    account_id: principal.account_id,
    modes: visibleModes(principal, mode),
    ...(status && { status }),
    ...(model !== undefined && { model: catalog.resolve(model)?.model.id ?? model }),
    ...(key_id !== undefined && { key_id }),
    ...(tag !== undefined && { tag }),
    ...(created_after && { created_after }),
    ...(created_before && { created_before }),
    ...(without_deleted && { without_deleted }),
  };
}

async function pageOf(
  { db }: ListParts,
  { account_id }: Principal,
  { starting_after, ending_before }: RequestQuery,
): Promise<Omit<RequestsPage, 'limit'>> {
  const [param, id] =
    ending_before === undefined ? ['starting_after', starting_after] : ['ending_before', ending_before];
  const direction = ending_before === undefined ? 'older' : 'newer';
  if (id === undefined) return { direction };
  const beyond = await findGeneration(db, account_id, id);
  if (beyond === undefined) throw new GessoError('not_found', `There is no request ${id} to go on from.`, { param });
  return { direction, beyond };
}

/** A row as it may be shown. */
export function requestView({ catalog }: Pick<ServiceParts, 'catalog'>, row: RequestRow): RequestView {
  const { provider } = row;
  return { ...row, provider_name: provider && (catalog.providers.get(provider)?.name ?? provider) };
}
