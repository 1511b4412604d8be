import { describe, expect, it } from 'vitest';
import { labelsOf, suggest, toDraft, toPlain, toStored, typedAt } from './syntax';

const ada = { id: '0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e01', name: 'Ada' };
const lovelace = { id: '0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e02', name: 'Ada Lovelace' };
const other = { id: '0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e03', name: 'Ada' };
const odd = { id: '0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e04', name: 'Bo [the](user:x) Builder' };
const labels = labelsOf([odd, lovelace, other, ada]);
const mention = (person: { id: string }, name: string) => `@[${name}](user:${person.id})`;

describe('drafts', () => {
  it('show names of now and come back as mentions of the same people', () => {
    const text = `Ask ${mention(ada, 'Augusta')}, ${mention(other, 'Ada')} and ${mention(lovelace, 'A.')}.`;
    const { draft, chosen } = toDraft(text, labels);
    expect(draft).toBe('Ask @Ada, @Ada 2 and @Ada Lovelace.');
    expect(toStored(draft, chosen)).toBe(
      `Ask ${mention(ada, 'Ada')}, ${mention(other, 'Ada 2')} and ${mention(lovelace, 'Ada Lovelace')}.`,
    );
  });

  it('leave people alone who were not chosen, or are not known', () => {
    expect(toStored('@Ada and ada@Ada', new Map())).toBe('@Ada and ada@Ada');
    expect(toStored('@Adam, me@Ada', new Map([[ada.id, 'Ada']]))).toBe('@Adam, me@Ada');
    const stranger = mention({ id: '0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2eff' }, 'Gone');
    const { draft, chosen } = toDraft(stranger, labels);
    expect(toStored(draft, chosen)).toBe(stranger);
  });

  it('keep a name from ending its mention', () => {
    const chosen = new Map([[odd.id, labels.get(odd.id) ?? '']]);
    const text = toStored(`@${labels.get(odd.id)}!`, chosen);
    expect(text).toBe(`${mention(odd, 'Bo theuser:x Builder')}!`);
    expect(toDraft(text, labels).chosen).toEqual(chosen);
  });

  it('read well where nothing is drawn', () => {
    const text = `${mention(ada, 'Augusta')} ${mention(lovelace, 'A.')}`;
    expect(toPlain(text, (id) => (id === ada.id ? 'Ada' : undefined))).toBe('@Ada @A.');
  });
});

describe('typedAt', () => {
  it.each([
    ['@', 1, { at: 0, query: '' }],
    ['Hi @ad', 6, { at: 3, query: 'ad' }],
    ['Hi @Ada Lo', 10, { at: 3, query: 'Ada Lo' }],
    ['(@ad', 4, { at: 1, query: 'ad' }],
    ['ada@example', 11, null],
    ['@ ada', 5, null],
    ['@Ada is it so', 13, null],
    ['@ada\nnext', 9, null],
    ['@ada', 0, null],
  ])('of %j at %d is %j', (draft, caret, want) => {
    expect(typedAt(draft, caret)).toEqual(want);
  });
});

describe('suggest', () => {
  const people = ['Zoë Ådahl', 'Ada', 'Bo Adams', 'Carla'].map((name) => ({ name }));
  it('takes names that begin so before words that do, without regard to accents', () => {
    expect(suggest(people, 'ad').map((one) => one.name)).toEqual(['Ada', 'Bo Adams', 'Zoë Ådahl']);
    expect(suggest(people, 'zoe a').map((one) => one.name)).toEqual(['Zoë Ådahl']);
    expect(suggest(people, '').length).toBe(4);
    expect(suggest(people, 'x')).toEqual([]);
  });
});
