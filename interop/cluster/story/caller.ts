import { Resolver } from 'node:dns/promises';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { recordedName } from '../../../testing/exchanges/recorded';
import { mint } from '../../../testing/exchanges/token';
import { contract } from '../../../worker/contract';

/** What a caller has to know. */
export interface Called {
  readonly host: string;
  /** The worker's. */
  readonly secret: string;
  /** The certificate authority that it trusts. */
  readonly authority: string;
  /** The name server that it asks. */
  readonly resolver: string;
  /** What listens at a public address: its port on this machine. */
  readonly ports: Readonly<Record<string, number>>;
}

const Answer = z.object({ success: z.literal(true), output: z.object({ value: z.string() }) });

/** An engine that calls a tool again and again, where the name leads. */
export class Caller {
  /** How many calls were answered at each address. */
  readonly answered = new Map<string, number>();
  /** What went wrong, call by call. */
  readonly failures: string[] = [];
  #address: string | undefined;
  #isOver = false;
  readonly #ended: Promise<void>;

  /** @param remembers whether it asks once, and then only after `forget`, as whoever has the answer in a cache */
  constructor(
    private readonly called: Called,
    private readonly remembers: boolean,
  ) {
    this.#ended = this.#run();
  }

  /** The time to live of what it remembers is over. */
  forget(): void {
    this.#address = undefined;
  }

  /** Waits for some more answers from an address. @throws Error after two minutes, with what failed instead */
  async hears(address: string, more: number): Promise<void> {
    const wanted = (this.answered.get(address) ?? 0) + more;
    const deadline = performance.now() + 120_000;
    while ((this.answered.get(address) ?? 0) < wanted) {
      if (performance.now() > deadline)
        throw new Error(`nothing answers at ${address}: ${this.failures.slice(-3).join()}`);
      await sleep(20);
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#ended;
  }

  async #run(): Promise<void> {
    const resolver = new Resolver();
    resolver.setServers([this.called.resolver]);
    for (let count = 0; !this.#isOver; count += 1) {
      let address = this.#address;
      try {
        [address] = address === undefined ? await resolver.resolve4(this.called.host) : [address];
        if (this.remembers) this.#address = address;
        const sent = `call ${count}`;
        const heard = await echo(this.called, address ?? '', sent);
        if (heard !== sent) throw new Error(`it answers ${heard}`);
        this.answered.set(address ?? '', (this.answered.get(address ?? '') ?? 0) + 1);
      } catch (error) {
        this.failures.push(`call ${count} at ${address}: ${error}`);
      }
      await sleep(5);
    }
  }
}

/**
 * Calls the tool that says what it is told, over a connection of its own, at the address that the name is said to have.
 * @throws Error for any other answer
 */
export async function echo(
  { host, secret, authority, ports }: Called,
  address: string,
  message: string,
): Promise<string> {
  const claims = { aud: contract.token.audience, ver: contract.token.version, exp: '<now+300>' };
  const authorization = `Bearer ${mint({ secret, alg: contract.token.algorithm, claims })}`;
  const tool = { name: 'Echo', toolkit: recordedName };
  const [status, text] = await new Promise<[number | undefined, string]>((resolve, reject) => {
    const call = request(
      {
        ...{ host: '127.0.0.1', port: ports[address], servername: host, ca: authority, agent: false, timeout: 60_000 },
        ...{ method: 'POST', path: contract.paths.invoke },
        headers: { host, authorization, 'content-type': 'application/json' },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve([response.statusCode, Buffer.concat(chunks).toString()]));
        response.on('error', reject);
      },
    );
    call.on('timeout', () => call.destroy(new Error('no answer within a minute')));
    call.on('error', reject);
    call.end(JSON.stringify({ tool, inputs: { message } }));
  });
  const { success, data } = Answer.safeParse(status === 200 ? JSON.parse(text) : undefined);
  if (!success) throw new Error(`${status} ${text}`);
  return data.output.value;
}
