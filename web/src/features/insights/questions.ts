import { type QueryKey, queryOptions } from '@tanstack/react-query';
import { keys } from '@/shared/http/keys';
import { Problem } from '@/shared/http/problem';
import { insights, type Question } from './endpoints';

// Figures follow the work a moment after it: they are asked anew once a minute
// while they are looked at, and what was made just now may not be known yet.
const fresh = {
  refetchOnMount: 'always',
  refetchInterval: 60_000,
  retry: (count: number, error: Error) =>
    error instanceof Problem && (error.unreachable || error.status === 404) && count < 5,
} as const;

const ask = <T>(
  w: string,
  what: string,
  question: Question,
  run: (w: string, question: Question, signal: AbortSignal) => Promise<T>,
) =>
  queryOptions({
    queryKey: [...keys.insights(w), what, question] as QueryKey,
    queryFn: ({ signal }) => run(w, question, signal),
    ...fresh,
  });

export const summaryQuery = (w: string, q: Question) => ask(w, 'summary', q, insights.summary);
export const throughputQuery = (w: string, q: Question) => ask(w, 'throughput', q, insights.throughput);
export const byPersonQuery = (w: string, q: Question) => ask(w, 'people', q, insights.byPerson);
export const usageQuery = (w: string, q: Question) => ask(w, 'usage', q, insights.usage);
export const flowQuery = (w: string, q: Question) => ask(w, 'flow', q, insights.flow);
export const completionsQuery = (w: string, q: Question) => ask(w, 'completions', q, insights.completions);
export const activeQuery = (w: string, q: Question) => ask(w, 'active', q, insights.active);
