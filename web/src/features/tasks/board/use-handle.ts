import { useEffect } from 'react';
import type { ColumnCards } from '../cache/columns';
import { columnHandles } from './drag';
import type { Row } from './use-column-rows';

type Virtual = { getVirtualItems: () => { index: number; start: number; size: number }[] };

/** Lets the drag ask this column where a pointer is among its cards. */
export function useHandle(
  id: string,
  data: ColumnCards | undefined,
  rows: Row[],
  virtual: Virtual,
  scroller: HTMLElement | null,
): void {
  useEffect(() => {
    columnHandles.set(id, {
      cards: () => data?.cards ?? [],
      whole: () => data?.next === null,
      indexAt: (clientY) => {
        if (!scroller) return 0;
        const y = clientY - scroller.getBoundingClientRect().top + scroller.scrollTop;
        const items = virtual.getVirtualItems();
        const below = items.find((item) => rows[item.index]?.card && y < item.start + item.size / 2);
        const at = below ? below.index : rows.length;
        // The gap itself is no card: what stands after it counts one less.
        const gapAt = rows.findIndex((row) => !row.card);
        return gapAt >= 0 && gapAt < at ? at - 1 : at;
      },
    });
    return () => {
      columnHandles.delete(id);
    };
  }, [id, data, rows, virtual, scroller]);
}
