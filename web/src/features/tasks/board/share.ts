import type { Column } from '@/shared/http/types';

/** How full an active column's icon is: half for the first of them, three quarters for later ones. */
export function shareOf(columns: Column[], column: Column): number {
  return columns.find((other) => other.category === 'active')?.id === column.id ? 0.5 : 0.75;
}
