// What stands behind the server, and of how many processes it is: the shapes
// that Headway has by configuration alone. Beside the default, everything in
// its data folder, real servers are started by test/servers/up or test/cluster,
// and each scenario has an installation of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Cluster } from './apart.mjs';
import { Server } from './server.mjs';

export const shapes = {
  sqlite: { what: 'SQLite and files in the data folder' },
  mongo: { what: "MongoDB's protocol, Redis with its streams, S3", up: ['-bus', 'streams'] },
  sqs: { what: "MongoDB's protocol, Redis, SQS, S3", up: ['-bus', 'sqs'] },
  apart: { what: 'nginx, two processes of each service, and the servers of mongo behind them', apart: true },
};

/** Starts what a shape needs; its server() answers an installation that nobody has used. */
export function startShape(shape, { binary, servers, cluster }) {
  return shapes[shape].apart ? Cluster.start(cluster, binary) : Servers.start(shape, servers, binary);
}

/** An installation that runs already, for scenarios that take nothing of it away. */
export class Running {
  constructor(base) {
    this.base = base.replace(/\/+$/, '');
  }

  server() {
    return this;
  }

  kill() {
    throw new Error('this scenario takes the server away: mark it with kills');
  }

  log() {
    return '';
  }

  close() {}
}

/** The servers of a shape; close them when done. */
class Servers {
  #binary;
  #process;
  #answers;
  #turn = Promise.resolve();

  static async start(shape, program, binary) {
    const { up } = shapes[shape];
    const servers = new Servers();
    servers.#binary = binary;
    if (up) {
      servers.#process = spawn(program, up, { stdio: ['pipe', 'pipe', 'inherit'] });
      const failed = once(servers.#process, 'error').then(([error]) => Promise.reject(error));
      await Promise.race([once(servers.#process, 'spawn'), failed]);
      servers.#answers = createInterface({ input: servers.#process.stdout })[Symbol.asyncIterator]();
    }
    return servers;
  }

  /** A server on an installation that nobody has used. */
  async server() {
    return Server.start(this.#binary, await this.#environment());
  }

  #environment() {
    if (!this.#process) return {};
    const answer = this.#turn.then(async () => {
      this.#process.stdin.write('\n');
      const { value, done } = await this.#answers.next();
      if (done) throw new Error('the servers of this shape did not start');
      return JSON.parse(value);
    });
    this.#turn = answer.catch(() => {});
    return answer;
  }

  /** Ends them; what they kept is gone. */
  async close() {
    if (!this.#process || this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.stdin.end();
    await ended;
  }
}
