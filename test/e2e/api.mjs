// The API from outside of the browser: for what a scenario needs to be there
// before it begins, and for what somebody else does meanwhile.
import { randomBytes } from 'node:crypto';
import { addressOf } from './people.mjs';
import { password } from './steps.mjs';

/** A UUIDv7, as clients make them. */
export function newId() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Somebody who is signed in at the API. */
export class Api {
  #base;
  #token;

  constructor(base, grant) {
    this.#base = base;
    this.#token = grant.accessToken;
    this.user = grant.user;
  }

  static async #enter(base, way, body) {
    const response = await fetch(`${base}/api/v1/auth/${way}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...body, email: addressOf(body.email) }),
    });
    if (!response.ok) throw new Error(`${way}: ${response.status} ${await response.text()}`);
    return new Api(base, await response.json());
  }

  static register(base, name, email) {
    return Api.#enter(base, 'register', { name, email, password });
  }

  static signIn(base, email) {
    return Api.#enter(base, 'sign-in', { email, password });
  }

  /** Asks and answers what came back as { status, data }, whatever the status. */
  async ask(method, path, body) {
    const raw = body instanceof Uint8Array;
    const response = await fetch(`${this.#base}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'Content-Type': raw ? 'application/octet-stream' : 'application/json' }),
      },
      body: body === undefined || raw ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, data: text ? JSON.parse(text) : undefined };
  }

  /** The same, where anything but success is a mistake of the scenario. */
  async #must(method, path, body) {
    const { status, data } = await this.ask(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(data)}`);
    return data;
  }

  get(path) {
    return this.#must('GET', path);
  }

  post(path, body = {}) {
    return this.#must('POST', path, body);
  }

  patch(path, body) {
    return this.#must('PATCH', path, body);
  }

  delete(path) {
    return this.#must('DELETE', path);
  }

  /** Every row of a list that comes in pages. */
  async all(path) {
    const rows = [];
    let cursor = '';
    do {
      const page = await this.get(`${path}${path.includes('?') ? '&' : '?'}limit=100${cursor}`);
      rows.push(...page.items);
      cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : '';
    } while (cursor);
    return rows;
  }

  /** Makes a workspace and answers its id. */
  async workspace(name) {
    const id = newId();
    await this.post('/workspaces', { id, name });
    return id;
  }

  /** Lets somebody in. */
  async invite(workspace, other, role, projects) {
    const { token } = await this.post(`/workspaces/${workspace}/invitations`, { role, ...(projects ? { projects } : {}) });
    await other.post('/invitations/accept', { token });
  }

  /** Imports a Trello export and answers the finished import. */
  async importTrello(workspace, file, name = 'board.json') {
    const at = `/workspaces/${workspace}/imports`;
    const bytes = new TextEncoder().encode(JSON.stringify(file));
    let job = await this.post(`${at}?format=trello&name=${encodeURIComponent(name)}`, bytes);
    const settle = async (...states) => {
      const until = Date.now() + 20_000;
      while (!states.includes(job.state)) {
        if (Date.now() > until || job.state === 'failed') throw new Error(`import is ${job.state}: ${job.error}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        job = await this.get(`${at}/${job.id}`);
      }
    };
    await settle('ready');
    job = await this.post(`${at}/${job.id}/apply`);
    await settle('done');
    return job;
  }
}
