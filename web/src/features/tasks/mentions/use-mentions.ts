import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { membersQuery, pendingName, useMembers, type Who } from '../queries';
import { useWorkspace } from '../workspace';
import { type Labels, labelsOf } from './syntax';

/** Who can be mentioned in a project, and what the drafts of texts call each member. */
export function useMentionable(project: string): { people: Who[]; labels: Labels } {
  const w = useWorkspace();
  const rows = useQuery(membersQuery(w)).data?.items;
  const members = useMembers(w);
  return useMemo(() => {
    const persons = [...members.values()].filter((who) => who.kind === 'person' && who.name !== pendingName);
    const labels = labelsOf(persons);
    const guests = new Map((rows ?? []).map((row) => [row.user, row.projects ?? []]));
    const people = persons
      // Who may not see the task would not hear of it.
      .filter((who) => !who.removed && (who.role !== 'guest' || guests.get(who.id)?.includes(project)))
      .map((who) => ({ ...who, name: labels.get(who.id) ?? who.name }));
    return { people, labels };
  }, [members, rows, project]);
}
