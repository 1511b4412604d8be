import DOMPurify from 'dompurify';
import { Marked, type TokenizerAndRendererExtension } from 'marked';
import { useMemo } from 'react';

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** The names of those who can be mentioned, by their ids. */
export type People = ReadonlyMap<string, { name: string }>;

let people: People = new Map();
let reader: string | undefined;

// @[Name](user:ID), as internal/task/event defines it.
const mention: TokenizerAndRendererExtension = {
  name: 'mention',
  level: 'inline',
  start: (text) => text.indexOf('@['),
  tokenizer(text) {
    const hit = /^@\[([^[\]\r\n]*)\]\(user:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\)/.exec(text);
    return hit ? { type: 'mention', raw: hit[0], name: hit[1], user: hit[2] } : undefined;
  },
  renderer(token) {
    const known = people.get(token.user);
    const name = escapeHtml(`@${known?.name ?? token.name}`);
    if (!known) return name;
    return `<span data-mention="${token.user === reader ? 'me' : 'other'}">${name}</span>`;
  },
};

// HTML that somebody typed is shown as text. What comes out is cleaned all the same.
const marked = new Marked({ gfm: true, breaks: true, async: false });
marked.use({ extensions: [mention] });
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

/** Markdown to HTML that is safe to put into the page. Mentions show the names that `among` has. */
export function toHtml(text: string, among: People = new Map(), me?: string): string {
  people = among;
  reader = me;
  return purifier.sanitize(marked.parse(text) as string, {
    USE_PROFILES: { html: true },
    FORBID_TAGS: ['style', 'form', 'video', 'audio', 'iframe'],
    FORBID_ATTR: ['style', 'class', 'id', 'name'],
  });
}

type Props = { text: string; people?: People; me?: string };

/** A text in Markdown, drawn. */
export default function Markdown({ text, people, me }: Props) {
  const html = useMemo(() => toHtml(text, people, me), [text, people, me]);
  // biome-ignore lint/security/noDangerouslySetInnerHtml: toHtml has cleaned it
  return <div className="prose" dangerouslySetInnerHTML={{ __html: html }} />;
}
