import { toast } from './toasts';

/** Copies a text and says so; where the browser does not allow it, shows it to copy by hand. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast({ kind: 'done', text: 'Link copied.' });
  } catch {
    toast({ kind: 'info', text: `Copy this: ${text}` });
  }
}
