// Runs the scenarios in scenarios/ against the real binary in Chromium, each
// at desktop and at phone width, each on a server of its own.
//
//   node test/e2e/run.mjs --binary bin/headway [--screenshots DIR] [--only TEXT] [--jobs N]
//     [--shape NAME[:PART]]... [--servers bin/servers-up] [--cluster bin/headway-cluster]
//   node test/e2e/run.mjs --base URL [--only TEXT] [--jobs N]
//
// With --slow MS every question of a page to the API waits up to so long at
// random, so answers come in other orders: what only passes where the server is
// quick is found so.
//
// A shape (shapes.mjs) is what stands behind the server; sqlite where none is
// given. Its part says what is run in it: all, desktop (at that width alone),
// or, at that width, the scenarios marked shared (about what processes share) or
// services (which together ask for every route).
//
// With --base the scenarios run against an installation that runs already, each
// with people of its own, but for those that take the server away (kills).
//
// A scenario file's default export is { name, viewports?, shared?, services?, kills?, run(stage) }; see
// Stage below for what it is given. It fails by throwing, and also when the
// page logged an error or threw one. What a failing page looked like is in
// test/e2e/output.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { withPeople } from './people.mjs';
import { Running, shapes, startShape } from './shapes.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const output = join(here, 'output');
// Scenarios wait for what they want to see, so this only ends one that hangs.
const scenarioTimeout = 300_000;

const viewports = {
  desktop: { name: 'desktop', width: 1440, height: 900, touch: false },
  phone: { name: 'phone', width: 390, height: 844, touch: true },
};

// What is run in a shape, by scenario and width.
const parts = {
  all: () => true,
  desktop: (_, viewport) => viewport === 'desktop',
  shared: (scenario, viewport) => viewport === 'desktop' && scenario.shared === true,
  services: (scenario, viewport) => viewport === 'desktop' && scenario.services === true,
  kept: (scenario) => scenario.kills !== true,
};

// Without the background services Chromium looks nothing up outside.
const chromiumFlags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What one run of one scenario works with. */
class Stage {
  #browser;
  #contexts = [];
  #screenshots;
  #problems = [];
  #pending = new Set();
  #slow;

  constructor(browser, server, viewport, { screenshots, slow }) {
    this.#browser = browser;
    this.server = server;
    this.viewport = viewport;
    this.#screenshots = screenshots;
    this.#slow = slow;
  }

  get base() {
    return this.server.base;
  }

  /** Problems that pages logged, in order. */
  get problems() {
    return this.#problems;
  }

  /** A page in a browser profile of its own: another person, or another machine. */
  async newPage({ colorScheme = 'light' } = {}) {
    const { width, height, touch } = this.viewport;
    const context = await this.#browser.newContext({
      baseURL: this.base,
      viewport: { width, height },
      hasTouch: touch,
      isMobile: touch,
      colorScheme,
      reducedMotion: 'reduce',
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
    });
    context.setDefaultTimeout(15_000 + 10 * this.#slow);
    this.#contexts.push(context);
    if (this.#slow > 0) await context.route('**/api/**', (route) => this.#later(route));
    return this.#watch(await context.newPage());
  }

  async #later(route) {
    await delay(Math.random() * this.#slow);
    // The page may have gone meanwhile.
    await route.continue().catch(() => {});
  }

  /**
   * A further window of the same profile, for the same person: pass a page of
   * it. A tab would put the page in the background, where a browser draws once
   * a second.
   */
  async secondWindow(page) {
    const tab = await page.context().newCDPSession(page);
    const { targetInfo } = await tab.send('Target.getTargetInfo');
    const { browserContextId } = targetInfo;
    const browser = await this.#browser.newBrowserCDPSession();
    const opened = page.context().waitForEvent('page');
    await browser.send('Target.createTarget', { url: 'about:blank', browserContextId, newWindow: true });
    await Promise.all([tab.detach(), browser.detach()]);
    return this.#watch(await opened);
  }

  #watch(page) {
    page.on('pageerror', (error) => this.#problems.push(`page error: ${error.stack ?? error}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.#problems.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => this.#pending.add(request));
    for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => this.#pending.delete(request));
    return page;
  }

  /** The requests that have no whole answer yet; a live stream never has. */
  get pending() {
    return [...this.#pending].map((request) => `${request.method()} ${request.url()}`);
  }

  /** Takes back logged problems that match: a scenario that brings them about says so. */
  expectProblems(pattern) {
    this.#problems = this.#problems.filter((problem) => !pattern.test(problem));
  }

  /** A picture for the documentation; only taken when asked for. */
  async shot(page, name) {
    if (!this.#screenshots) return;
    await page.screenshot({ path: join(this.#screenshots, `${name}.png`), animations: 'disabled' });
  }

  /** Pictures of every open page, after a failure. */
  async snap(name) {
    let n = 0;
    for (const context of this.#contexts) {
      for (const page of context.pages()) {
        n += 1;
        await page.screenshot({ path: join(output, `${name}-${n}.png`) }).catch(() => {});
      }
    }
  }

  async close() {
    await Promise.all(this.#contexts.map((context) => context.close()));
  }
}

function within(limit, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${limit / 1000} s`)), limit);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function runOne(browser, { scenario, viewport, shape, servers, tag }, options) {
  const label = `${scenario.name} (${viewport.name}, ${shape})`;
  const lines = [];
  const begin = Date.now();
  const server = await servers.server();
  const stage = new Stage(browser, server, viewport, options);
  try {
    await within(scenarioTimeout, withPeople(tag, () => scenario.run(stage)));
    if (stage.problems.length > 0) throw new Error(stage.problems.join('\n'));
    lines.push(`ok    ${label}  ${((Date.now() - begin) / 1000).toFixed(1)} s`);
    return true;
  } catch (error) {
    await stage.snap(`${scenario.name}-${viewport.name}-${shape}`.replaceAll(/[^\w-]+/g, '-'));
    lines.push(`FAIL  ${label}\n${error.stack ?? error}`);
    for (const problem of stage.problems) lines.push(`      ${problem}`);
    for (const request of stage.pending) lines.push(`      not answered: ${request}`);
    const log = await Promise.resolve(server.log()).catch(String);
    if (log) lines.push(`--- the server's last lines\n${log}`);
    return false;
  } finally {
    console.log(lines.join('\n'));
    await stage.close();
    await server.close();
  }
}

/** What is run behind the front door touches every route of every service. */
async function everyRoute(servers, shape) {
  const unasked = await servers.unasked();
  if (unasked.length > 0) console.log(`FAIL  every route is asked for (${shape}), but nobody asked for\n      ${unasked.join('\n      ')}`);
  else console.log(`ok    every route is asked for (${shape})`);
  return unasked.length === 0;
}

async function main() {
  const { values } = parseArgs({
    options: {
      binary: { type: 'string', default: 'bin/headway' },
      screenshots: { type: 'string' },
      only: { type: 'string', default: '' },
      jobs: { type: 'string', default: '2' },
      slow: { type: 'string', default: '0' },
      shape: { type: 'string', multiple: true, default: ['sqlite'] },
      servers: { type: 'string', default: 'bin/servers-up' },
      cluster: { type: 'string', default: 'bin/headway-cluster' },
      base: { type: 'string' },
    },
  });
  if (values.base) values.shape = [];
  const wanted = values.shape.map((text) => {
    const [shape, part = 'all'] = text.split(':');
    if (!shapes[shape] || !parts[part]) throw new Error(`there is no shape ${text}`);
    return { shape, part: parts[part] };
  });
  if (values.base) wanted.push({ shape: values.base, part: parts.kept, base: values.base });
  const programs = { binary: resolve(values.binary), servers: resolve(values.servers), cluster: resolve(values.cluster) };
  const screenshots = values.screenshots ? resolve(values.screenshots) : undefined;
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  if (screenshots) await mkdir(screenshots, { recursive: true });

  const folder = join(here, 'scenarios');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.mjs')).sort();
  const scenarios = [];
  for (const file of files) {
    const { default: scenario } = await import(pathToFileURL(join(folder, file)).href);
    if (scenario.name.includes(values.only)) scenarios.push(scenario);
  }
  if (scenarios.length === 0) throw new Error('there is no scenario to run');

  const executablePath = process.env.HEADWAY_CHROMIUM || '/usr/bin/chromium';
  const args = process.getuid?.() === 0 ? [...chromiumFlags, '--no-sandbox'] : chromiumFlags;
  const browser = await chromium.launch({ executablePath, args });
  let ran = 0;
  let failed = 0;
  try {
    for (const { shape, part, base } of wanted) {
      const servers = base ? new Running(base) : await startShape(shape, programs);
      const runs = scenarios.flatMap((scenario) =>
        (scenario.viewports ?? Object.keys(viewports))
          .filter((name) => part(scenario, name))
          .map((name) => ({ scenario, viewport: viewports[name], shape, servers })),
      );
      // Where an installation is shared, nobody may be there already.
      if (base) for (const [n, run] of runs.entries()) run.tag = `${Date.now().toString(36)}-${n}`;
      ran += runs.length;
      const work = async () => {
        for (let run = runs.shift(); run; run = runs.shift()) {
          if (!(await runOne(browser, run, { screenshots, slow: Number(values.slow) }))) failed += 1;
        }
      };
      try {
        await Promise.all(Array.from({ length: Number(values.jobs) }, work));
        if (shapes[shape]?.apart && part !== parts.shared && !values.only && !(await everyRoute(servers, shape))) failed += 1;
      } finally {
        await servers.close();
      }
    }
  } finally {
    await browser.close();
  }
  console.log(failed === 0 ? `${ran} scenarios passed.` : `${failed} of ${ran} scenarios failed.`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main();
