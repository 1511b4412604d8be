import DOMPurify from 'dompurify';
import { Marked } from 'marked';
import { useMemo } from 'react';

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

// HTML that somebody typed is shown as text. What comes out is cleaned all the same.
const marked = new Marked({ gfm: true, breaks: true, async: false });
marked.use({ renderer: { html: ({ text }) => escapeHtml(text) } });

const purifier = DOMPurify();
purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer nofollow');
  }
  // What scrolls sideways has to scroll by keyboard too, and each box of a list says how it stands.
  if (node.tagName === 'PRE' || node.tagName === 'TABLE') node.setAttribute('tabindex', '0');
  if (node.tagName === 'INPUT') {
    node.setAttribute('aria-label', node.hasAttribute('checked') ? 'Done' : 'To do');
  }
  // Pictures from elsewhere would tell their server who reads this: they become links.
  if (node.tagName === 'IMG') {
    const link = document.createElement('a');
    const source = node.getAttribute('src') ?? '';
    if (/^https?:/.test(source)) link.href = source;
    link.target = '_blank';
    link.rel = 'noopener noreferrer nofollow';
    link.textContent = node.getAttribute('alt') || 'Picture';
    node.replaceWith(link);
  }
});

/** Markdown to HTML that is safe to put into the page. */
export function toHtml(text: string): string {
  return purifier.sanitize(marked.parse(text) as string, {
    USE_PROFILES: { html: true },
    FORBID_TAGS: ['style', 'form', 'video', 'audio', 'iframe'],
    FORBID_ATTR: ['style', 'class', 'id', 'name'],
  });
}

/** A text in Markdown, drawn. */
export default function Markdown({ text }: { text: string }) {
  const html = useMemo(() => toHtml(text), [text]);
  // biome-ignore lint/security/noDangerouslySetInnerHtml: toHtml has cleaned it
  return <div className="prose" dangerouslySetInnerHTML={{ __html: html }} />;
}
