// The real binary in a process of its own, on a free port, with a data folder
// of its own that goes when it is closed.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const readyWithin = 15_000;

/** A port that nothing listens on right now. */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export class Server {
  #binary;
  #data;
  #environment;
  #port;
  #process;
  #log = [];

  /** environment says what stands behind it; without, everything is in the data folder. */
  static async start(binary, environment = {}) {
    const server = new Server();
    server.#binary = binary;
    server.#environment = environment;
    server.#data = await mkdtemp(join(tmpdir(), 'headway-e2e-'));
    server.#port = await freePort();
    await server.up();
    return server;
  }

  /** Where the server answers, without a slash at the end. */
  get base() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The last lines that the server logged. */
  log() {
    return this.#log.join('').trim().split('\n').slice(-20).join('\n');
  }

  /** Starts the process and waits until it is ready. */
  async up() {
    const child = spawn(
      this.#binary,
      ['serve', '--listen', `127.0.0.1:${this.#port}`, '--data', this.#data],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, ...this.#environment } },
    );
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => this.#log.push(chunk.toString()));
    }
    const until = Date.now() + readyWithin;
    while (Date.now() < until) {
      if (child.exitCode !== null) break;
      try {
        if ((await fetch(`${this.base}/health/ready`)).ok) return;
      } catch {
        // Not listening yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`the server did not become ready:\n${this.log()}`);
  }

  /**
   * Ends the process as a power cut would. The data folder stays. A scenario may
   * name the services that go: here they are all in this process.
   */
  async kill() {
    await this.#end('SIGKILL');
  }

  /** Ends the process in good order and removes its data. */
  async close() {
    await this.#end('SIGTERM');
    await rm(this.#data, { recursive: true, force: true });
  }

  #end(signal) {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill(signal);
    });
  }
}
