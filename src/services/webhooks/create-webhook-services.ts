import type { WebhookServices } from '../../contracts/webhooks.ts';
import type { ServiceParts } from '../parts.ts';
import { getJobSecret, rotateJobSecret } from './job-secret.ts';
import {
  changeEndpoint,
  createEndpoint,
  getEndpoint,
  listEndpoints,
  removeEndpoint,
  rotateEndpoint,
  testEndpoint,
} from './manage-endpoints.ts';
import { getDelivery, listDeliveries, replayDelivery } from './read-deliveries.ts';

export function createWebhookServices(parts: ServiceParts): WebhookServices {
  return {
    create: (principal, wish) => createEndpoint(parts, principal, wish),
    list: (principal) => listEndpoints(parts, principal),
    get: (principal, id) => getEndpoint(parts, principal, id),
    change: (principal, id, change) => changeEndpoint(parts, principal, id, change),
    remove: (principal, id) => removeEndpoint(parts, principal, id),
    rotate: (principal, id, grace_ms) => rotateEndpoint(parts, principal, id, grace_ms),
    test: (principal, id) => testEndpoint(parts, principal, id),
    listDeliveries: (principal, query) => listDeliveries(parts, principal, query),
    getDelivery: (principal, id) => getDelivery(parts, principal, id),
    replay: (principal, id) => replayDelivery(parts, principal, id),
    getJobSecret: (principal, mode) => getJobSecret(parts, principal, mode),
    rotateJobSecret: (principal, grace_ms, mode) => rotateJobSecret(parts, principal, grace_ms, mode),
  };
}
