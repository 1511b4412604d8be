// What every screen has to keep: nothing wider than the window, and nothing
// that the accessibility rules of axe-core find.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Answers what is wrong with a page's width: it may be no wider than its window. */
export async function widthProblems(page) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  return wide <= window ? [] : [`the page is ${wide} px wide in a window of ${window}`];
}

/**
 * Answers what axe-core finds on the page, and on which elements: by all of the
 * rules, or by the one on contrast, where only the colours have changed.
 */
export async function axeProblems(page, { coloursOnly = false } = {}) {
  // As a script of the debugger's, so that the page's own policy on scripts stays as it is.
  await page.evaluate(source);
  const { violations } = await page.evaluate(
    (rules) => globalThis.axe.run(document, { runOnly: rules, resultTypes: ['violations'] }),
    coloursOnly ? ['color-contrast'] : tags,
  );
  return violations.map((rule) => {
    const nodes = rule.nodes.map((node) => `${node.html}\n${node.failureSummary}`);
    return `${rule.id} (${rule.impact}): ${rule.help}\n${nodes.join('\n')}`.replaceAll('\n', '\n    ');
  });
}
