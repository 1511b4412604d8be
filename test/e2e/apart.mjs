// The services apart behind nginx, two processes of each: installations that
// the program of test/cluster starts, told what to do line by line.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export class Cluster {
  #process;
  #waiting = new Map();
  #last = 0;

  static async start(program, binary) {
    const cluster = new Cluster();
    const child = spawn(program, ['answer', '-binary', binary], { stdio: ['pipe', 'pipe', 'inherit'] });
    cluster.#process = child;
    const failed = once(child, 'error').then(([error]) => Promise.reject(error));
    await Promise.race([once(child, 'spawn'), failed]);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const reply = JSON.parse(line);
      const { resolve, reject } = cluster.#waiting.get(reply.id);
      cluster.#waiting.delete(reply.id);
      if (reply.error) reject(new Error(reply.error));
      else resolve(reply);
    });
    child.once('exit', () => {
      for (const { reject } of cluster.#waiting.values()) reject(new Error('the cluster ended'));
    });
    return cluster;
  }

  /** Has something done and answers what came of it. */
  ask(request) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#process.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  /** An installation that nobody has used. */
  async server() {
    const { installation, base } = await this.ask({ do: 'new' });
    return new Apart(this, installation, base);
  }

  /** The operations of the API that no scenario has asked for with success, by the log of nginx. */
  async unasked() {
    const { unasked = [] } = await this.ask({ do: 'unasked' });
    return unasked;
  }

  /** Ends all of it; what was kept is gone. */
  async close() {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.stdin.end();
    await ended;
  }
}

/** One installation, with the methods of Server. */
class Apart {
  #cluster;
  #installation;

  constructor(cluster, installation, base) {
    this.#cluster = cluster;
    this.#installation = installation;
    this.base = base;
  }

  #do(what, more) {
    return this.#cluster.ask({ do: what, installation: this.#installation, ...more });
  }

  /** Ends every process of the named services, or of all, as a power cut would; nginx stays. */
  kill(...services) {
    return this.#do('kill', { services });
  }

  /** Starts again what does not run, and waits until nginx reaches every service. */
  up() {
    return this.#do('up');
  }

  /** The last lines of every process. */
  async log() {
    const { log } = await this.#do('log');
    return log;
  }

  close() {
    return this.#do('close');
  }
}
