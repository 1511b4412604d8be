// A mention, as internal/task/event defines it: @[Name](user:ID). The id says
// who is meant. Somebody who writes sees @Name in its place.
const stored = /@\[([^[\]\r\n]*)\]\(user:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\)/g;

/** Somebody who can be mentioned. */
export type Mentionable = { id: string; name: string };

/** What a text shows in the place of its mentions, by the ids of those who are meant. */
export type Labels = Map<string, string>;

const clean = (name: string) => name.replace(/[[\]()\\\r\n]/g, '').trim();

/** A name for each person that no other has: of two with one name, the second gets a number. */
export function labelsOf(people: Mentionable[]): Labels {
  const labels: Labels = new Map();
  const taken = new Set<string>();
  for (const { id, name } of people.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const base = clean(name) || 'Somebody';
    let label = base;
    for (let n = 2; taken.has(label); n += 1) label = `${base} ${n}`;
    taken.add(label);
    labels.set(id, label);
  }
  return labels;
}

/** A stored text as somebody edits it, and whom it mentions. Those who are not known stay as they are stored. */
export function toDraft(text: string, labels: Labels): { draft: string; chosen: Labels } {
  const chosen: Labels = new Map();
  const draft = text.replace(stored, (whole, _, id: string) => {
    const label = labels.get(id);
    if (!label) return whole;
    chosen.set(id, label);
    return `@${label}`;
  });
  return { draft, chosen };
}

const letter = /[\p{L}\p{N}_]/u;

/** A draft as it is stored: each @Name of somebody who was chosen, by that name, becomes a mention of theirs. */
export function toStored(draft: string, chosen: Labels): string {
  // The longest first: @Ada Lovelace is not @Ada.
  const known = [...chosen]
    .map(([id, label]) => ({ id, label }))
    .sort((a, b) => b.label.length - a.label.length);
  let out = '';
  for (let at = 0; at < draft.length; ) {
    const hit =
      draft[at] === '@' && !letter.test(draft[at - 1] ?? '')
        ? known.find(
            ({ label }) =>
              draft.startsWith(label, at + 1) && !letter.test(draft[at + 1 + label.length] ?? ''),
          )
        : undefined;
    out += hit ? `@[${hit.label}](user:${hit.id})` : draft[at];
    at += hit ? hit.label.length + 1 : 1;
  }
  return out;
}

/** A stored text with @Name in the place of its mentions, for where nothing is drawn. */
export function toPlain(text: string, nameOf: (id: string) => string | undefined): string {
  return text.replace(stored, (_, name: string, id: string) => `@${nameOf(id) ?? name}`);
}

/** What is being typed after an @ that begins a word: where the @ stands, and the text up to the caret. */
export function typedAt(draft: string, caret: number): { at: number; query: string } | null {
  const at = draft.slice(0, caret).lastIndexOf('@');
  if (at < 0 || (at > 0 && letter.test(draft[at - 1] ?? ''))) return null;
  const query = draft.slice(at + 1, caret);
  // A name has few words; a space straight after the @ is no beginning of one.
  if (query.length > 40 || /^\s|[\n\r[\]@]|\s\S*\s\S*\s/.test(query)) return null;
  return { at, query };
}

const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Who fits what was typed: names that begin with it, then those with a word that does. At most `limit`. */
export function suggest<T extends { name: string }>(people: T[], query: string, limit = 8): T[] {
  const wanted = fold(query);
  const rank = (name: string) => {
    const folded = fold(name);
    if (folded.startsWith(wanted)) return 0;
    return folded.split(/[\s-]+/).some((word) => word.startsWith(wanted)) ? 1 : 2;
  };
  return people
    .map((person) => ({ person, rank: rank(person.name) }))
    .filter((one) => one.rank < 2)
    .sort((a, b) => a.rank - b.rank || a.person.name.localeCompare(b.person.name))
    .slice(0, limit)
    .map((one) => one.person);
}
