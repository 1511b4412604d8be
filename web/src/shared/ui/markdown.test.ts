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

  describe('of a mention', () => {
    const id = '0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f';
    const draw = (text: string, name = 'Ada <b>', me = '') => {
      const box = document.createElement('div');
      box.innerHTML = toHtml(text, new Map([[id, { name }]]), me);
      return box;
    };

    it('shows the name of now, and marks the reader’s own', () => {
      const text = `Hi @[Augusta](user:${id}), **@[X](user:${id})**`;
      const names = [...draw(text).querySelectorAll('[data-mention=other]')].map((one) => one.textContent);
      expect(names).toEqual(['@Ada <b>', '@Ada <b>']);
      expect(draw(text, 'Ada', id).querySelectorAll('[data-mention=me]')).toHaveLength(2);
    });

    it('is plain text for somebody unknown, and in code', () => {
      const unknown = draw(`@[Eve](user:${id.replace('4f', '50')})`);
      expect(unknown.textContent?.trim()).toBe('@Eve');
      expect(unknown.querySelector('[data-mention]')).toBeNull();
      expect(draw(`\`@[Eve](user:${id})\``).querySelector('[data-mention]')).toBeNull();
    });
  });
});
