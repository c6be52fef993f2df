import type { Subject, Understanding } from '../../prompt/understand.ts';
import type { Figure, Look } from '../figures/figure.ts';
import { figureOf } from '../figures/registry.ts';
import { Pen } from '../pen.ts';
import type { Layer, Picture } from '../picture.ts';

interface Placed {
  readonly subject: Subject;
  readonly figure: Figure;
  x: number;
  y: number;
  height: number;
}

export function lookOf(picture: Picture, subject: Subject, index: number): Look {
  const written = labelled.has(subject.kind) ? picture.facts.quotes[0] : undefined;
  return {
    colors: subject.colors,
    traits: new Set([...subject.traits, ...picture.facts.symbols]),
    neon: picture.facts.styles.has('neon'),
    random: picture.cast.fork(`${subject.kind}${index}`),
    ...(written === undefined ? {} : { text: written }),
  };
}

/** How tall the main figure stands, in pixels, so that it fills its frame but keeps a margin. */
function heroHeight(picture: Picture, figure: Figure, total: number): number {
  const { width, height } = picture.stage;
  const crowd = total <= 1 ? 1 : total <= 2 ? 0.82 : total <= 4 ? 0.66 : 0.5;
  const broad = (width * (total <= 1 ? 0.86 : 0.94 / Math.min(total, 5) + 0.12)) / figure.aspect;
  return Math.min(height * 0.72 * crowd, broad);
}

const persons = new Set(['man', 'woman', 'old_man', 'child', 'superhero', 'chef', 'astronaut']);
/** What carries the prompt's text itself. */
export const labelled: ReadonlySet<string> = new Set(['wine']);
const hands = new Set([...persons, 'robot']);
/** Who stands unless the prompt says that they fly. */
const winged = new Set(['dragon', 'superhero', 'horse', 'owl']);
const worn = new Set(['shoe', 'crown', 'leaf', 'sign']);

/** The subjects that get a place of their own: not what people wear, and not parts of others. */
export function castOf(facts: Understanding): { subject: Subject; figure: Figure }[] {
  const peopled = facts.subjects.some((subject) => persons.has(subject.kind));
  return facts.subjects.flatMap((subject) => {
    const figure = figureOf(subject.kind);
    const grown =
      facts.places.includes('meadow') &&
      subject.kind === 'flower' &&
      /lavender|wildflower|popp|dais/.test(subject.name);
    const part = grown || (worn.has(subject.kind) && (peopled || facts.subjects.length > 1));
    const flies = winged.has(subject.kind) && facts.symbols.has('flying');
    return figure && !part ? [{ subject, figure: flies ? { ...figure, habitat: 'air' } : figure }] : [];
  });
}

/** Puts the named subjects into the view: the first ones largest, in a loose row on the ground, fliers in the sky. */
export function placeFigures(picture: Picture): Layer[] {
  const { stage, facts, horizon } = picture;
  const random = picture.random.fork('places');
  const known = castOf(facts);
  const standing: Placed[] = [];
  const flying: Placed[] = [];
  const passers: Placed[] = [];
  const grounded = known.filter(({ figure }) => figure.habitat !== 'air');
  const vary = random.between(0.84, 1.06);
  const passing = (subject: Subject): boolean => subject.kind === 'car' && grounded.length > 1;
  const total = grounded
    .filter(({ subject }) => !passing(subject) && !isMounted(picture, subject))
    .reduce((sum, { subject }) => sum + Math.min(8, subject.count), 0);
  const tallest = Math.max(...grounded.map(({ figure }) => figure.tall), 0.01);
  const scenic = facts.places.some((place) => place === 'mountains' || place === 'sea' || place === 'lake');
  for (const { subject, figure } of known) {
    for (let i = 0; i < Math.min(8, subject.count); i++) {
      if (figure.habitat === 'air') {
        const many = Math.min(8, subject.count);
        const size =
          Math.min(
            stage.mean *
              (total > 0 ? (figure.tall > 2 ? 0.28 : 0.17) : many > 1 ? 0.26 : 0.52) *
              Math.min(1.3, 0.5 + figure.tall),
            stage.height * 0.7,
            (stage.width * 0.8) / figure.aspect,
          ) * random.between(0.75, 1.1);
        const beside =
          total > 0 && many === 1
            ? (random.chance(0.5) ? 0.2 : 0.8) + random.between(-0.04, 0.04)
            : (i + random.between(0.25, 0.75)) / many;
        flying.push({
          subject,
          figure,
          x: stage.width * beside,
          y: horizon * random.between(0.35, 0.75) + size * 0.5,
          height: size,
        });
      } else {
        const size = passing(subject)
          ? stage.mean * 0.09
          : heroHeight(picture, figure, total) *
            (0.42 + 0.58 * Math.sqrt(figure.tall / tallest)) *
            (scenic ? 0.72 : 1) *
            vary;
        if (passing(subject))
          passers.push({
            subject,
            figure,
            x: stage.width * ((i + random.between(0.1, 0.9)) / subject.count),
            y: horizon + stage.mean * random.between(0.075, 0.12),
            height: size,
          });
        else standing.push({ subject, figure, x: 0, y: 0, height: size });
      }
    }
  }
  const held = heldBy(picture, standing);
  arrange(
    picture,
    standing.filter(
      (placed) =>
        !held.has(placed) && mountOf(picture, placed, standing) === null && !setBack(picture, placed, standing),
    ),
  );
  for (const [thing, holder] of held) putInHand(thing, holder);
  mountRiders(picture, standing);
  const depthOf = (placed: Placed): number => {
    const base = mountOf(picture, placed, standing);
    // Who stands on something is seen before it; the far leg of who sits astride is not.
    const isOnTop = base !== null && (placed.subject.relation?.kind === 'on' || base.figure.top !== undefined);
    return isOnTop ? base.y + 1 : (held.get(placed)?.y ?? placed.y - 0.5) + 0.5;
  };
  standing.sort((a, b) => depthOf(a) - depthOf(b));
  const facesLeft = (placed: Placed, chance: boolean): boolean => {
    // Who works on something turns to it.
    const work = facts.symbols.has('repairing') ? standing.find((other) => other.figure.habitat === 'road') : undefined;
    return work && work !== placed ? placed.x > work.x : chance;
  };
  const layerOf = (placed: Placed, i: number): Layer => ({
    name: placed.subject.kind,
    paint: () => {
      const pen = Pen.at(
        stage,
        placed.x,
        placed.y,
        placed.height,
        facesLeft(placed, held.size === 0 && random.fork(`flip${i}`).chance(0.5)),
      );
      placed.figure.paint(pen, lookOf(picture, placed.subject, i));
    },
  });
  return [
    ...flying.filter((f) => f.figure.tall > 1).map(layerOf),
    ...passers.map(layerOf),
    ...standing.map(layerOf),
    ...flying.filter((f) => f.figure.tall <= 1).map((f, i) => layerOf(f, i + 40)),
  ];
}

/** What is carried, and who carries it. */
function heldBy(picture: Picture, standing: readonly Placed[]): Map<Placed, Placed> {
  const held = new Map<Placed, Placed>();
  for (const holder of standing) {
    const relation = holder.subject.relation;
    if (relation?.kind !== 'holding' || !hands.has(holder.subject.kind)) continue;
    const thing = standing.find((other) => other.subject === picture.facts.subjects[relation.to]);
    if (thing && thing !== holder && thing.figure.tall < holder.figure.tall * 1.1) held.set(thing, holder);
  }
  return held;
}

function putInHand(thing: Placed, holder: Placed): void {
  const share =
    thing.subject.kind === 'umbrella' ? 0.78 : Math.max(0.26, Math.min(0.5, thing.figure.tall / holder.figure.tall));
  thing.height = holder.height * share;
  thing.x = holder.x + holder.height * 0.24;
  thing.y = holder.y - holder.height * 0.36;
}

/** Houses and trees stand back behind the people and animals before them. True when it was placed so. */
function setBack(picture: Picture, placed: Placed, standing: readonly Placed[]): boolean {
  const { stage, horizon } = picture;
  const small = standing.some((other) => other.figure.tall < 1.4 && other.figure.habitat !== 'water');
  if (!small || placed.figure.tall < 1.9 || placed.figure.habitat !== 'ground' || placed.subject.kind === 'rocket')
    return false;
  const random = picture.random.fork(`back${standing.indexOf(placed)}`);
  const size = Math.min(stage.mean * 0.5, horizon * 0.85, (stage.width * 0.62) / placed.figure.aspect);
  placed.height = size * Math.min(1, 0.6 + placed.figure.tall * 0.12) * random.between(0.88, 1.05);
  const side = random.chance(0.5) ? 1 : -1;
  placed.x = stage.width * (0.5 + side * random.between(0.12, 0.3));
  placed.y = horizon + (stage.height - horizon) * random.between(0.14, 0.24);
  return true;
}

/** True where it rides or sits on another subject. Two that are said to be on each other stand side by side. */
function isMounted({ facts }: Picture, subject: Subject): boolean {
  const { relation } = subject;
  if (facts.symbols.has('repairing') || (relation?.kind !== 'riding' && relation?.kind !== 'on')) return false;
  const mount = facts.subjects[relation.to];
  return mount !== undefined && mount !== subject && facts.subjects[mount.relation?.to ?? -1] !== subject;
}

/** What a figure rides or sits on, where that has a place of its own. */
function mountOf(picture: Picture, rider: Placed, standing: readonly Placed[]): Placed | null {
  const { relation } = rider.subject;
  if (relation === undefined || !isMounted(picture, rider.subject)) return null;
  return standing.find((other) => other.subject === picture.facts.subjects[relation.to]) ?? null;
}

/** Riders sit over what they ride, side by side where they are several, and are painted before it. */
function mountRiders(picture: Picture, standing: Placed[]): void {
  for (const mount of standing) {
    const riders = standing.filter((rider) => mountOf(picture, rider, standing) === mount);
    const room = mount.height * mount.figure.aspect * 0.8;
    riders.forEach((rider, i) => {
      const seated = rider.subject.relation?.kind === 'on';
      const top = mount.figure.top ?? (seated ? -0.62 : -0.26);
      const share = room / riders.length;
      const tallest = riders.length > 1 ? share / rider.figure.aspect : Number.POSITIVE_INFINITY;
      rider.x = mount.x + (i - (riders.length - 1) / 2) * share;
      rider.y = mount.y + mount.height * top;
      const roomAbove = rider.y - picture.stage.height * 0.04;
      rider.height = Math.min(rider.height, mount.height * (seated ? 0.8 : 1.25), tallest, roomAbove);
    });
  }
}

/** Rows them across the frame by width; who is named left or right of another goes there, who stands behind goes back. */
function arrange(picture: Picture, standing: Placed[]): void {
  const { stage, horizon } = picture;
  const random = picture.random.fork('row');
  const order = [...standing];
  for (const placed of standing) {
    const relation = placed.subject.relation;
    const other = relation ? picture.facts.subjects[relation.to] : undefined;
    const anchor = order.findIndex((candidate) => candidate.subject === other);
    if (!relation || anchor < 0 || (relation.kind !== 'left' && relation.kind !== 'right')) continue;
    order.splice(order.indexOf(placed), 1);
    const at = order.findIndex((candidate) => candidate.subject === other);
    order.splice(relation.kind === 'left' ? at : at + 1, 0, placed);
  }
  const room = stage.width * 0.96;
  const wanted = order.reduce((total, placed) => total + placed.height * placed.figure.aspect, 0);
  // A group may overlap in two rows; a pair stands side by side.
  const most = room * (order.length > 2 ? 1.42 : 1.04);
  if (wanted > most) for (const placed of order) placed.height *= most / wanted;
  const widths = order.map((placed) => placed.height * placed.figure.aspect);
  const sum = widths.reduce((total, width) => total + width, 0);
  const gap =
    sum > room
      ? (room - sum) / Math.max(1, order.length)
      : Math.min(stage.mean * 0.05, (room - sum) / (order.length + 1));
  const free = Math.max(0, stage.width - sum - gap * (order.length - 1));
  let x = free / 2 + (order.length === 1 ? random.between(-0.3, 0.3) * Math.min(free, stage.width * 0.4) : 0);
  order.forEach((placed, i) => {
    const width = widths[i] ?? 0;
    const behind = placed.subject.relation?.kind === 'behind' ? 0.45 : 0;
    placed.x = x + width / 2;
    const back = order.length > 2 && i % 2 === 1 ? 0.105 : 0;
    const low = order.length === 1 ? random.between(0, 0.03) : 0;
    const front = stage.height * (0.96 - low - back - random.between(0, 0.02));
    placed.y = front - (front - horizon) * behind;
    if (placed.figure.habitat === 'water') placed.y = horizon + (stage.height - horizon) * random.between(0.25, 0.5);
    x += width + gap;
  });
}
