import { describe, expect, it } from 'vitest';
import { toHtml } from './markdown';

describe('toHtml', () => {
  it('draws Markdown', () => {
    expect(toHtml('**bold** and `code`')).toContain('<strong>bold</strong> and <code>code</code>');
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[x](javascript:alert(1))',
    '<a href="javascript:alert(1)">x</a>',
    '<svg onload=alert(1)>',
    '<style>*{display:none}</style>',
  ])('makes nothing that runs or loads of %s', (text) => {
    const box = document.createElement('div');
    box.innerHTML = toHtml(text);
    expect(box.querySelector('script,img,svg,style,iframe')).toBeNull();
    expect(box.querySelector('[onerror],[onload],[href^="javascript"]')).toBeNull();
  });

  it('names the boxes of a list, and lets what scrolls sideways take the focus', () => {
    const box = document.createElement('div');
    box.innerHTML = toHtml('- [x] measured\n- [ ] written\n\n```\na long line\n```\n\n| a |\n| - |\n| 1 |');
    const names = [...box.querySelectorAll('input')].map((input) => input.getAttribute('aria-label'));
    expect(names).toEqual(['Done', 'To do']);
    expect(box.querySelectorAll('pre[tabindex="0"], table[tabindex="0"]')).toHaveLength(2);
  });

  it('turns pictures into links, so that no other server is asked', () => {
    const html = toHtml('![plan](https://example.org/a.png)');
    expect(html).not.toContain('<img');
    expect(html).toContain('href="https://example.org/a.png"');
  });
});
