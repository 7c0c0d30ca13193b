import { Resolver } from 'node:dns/promises';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { recordedName } from '../../../testing/exchanges/recorded';
import { mint } from '../../../testing/exchanges/token';
import { contract } from '../../../worker/contract';

/** What a caller needs for its calls. */
export interface Endpoint {
  readonly host: string;
  /** The secret of the worker. */
  readonly secret: string;
  /** The certificate authority to trust, as PEM. */
  readonly authority: string;
  /** The name server to query. */
  readonly resolver: string;
  /** The local port that serves each public address. */
  readonly ports: Readonly<Record<string, number>>;
}

const Answer = z.object({ success: z.literal(true), output: z.object({ value: z.string() }) });

/** A client that calls a tool without a pause, at the address that the host resolves to. */
export class Caller {
  /** The number of successful calls by address. */
  readonly answered = new Map<string, number>();
  /** A line for each failed call. */
  readonly failures: string[] = [];
  #address: string | undefined;
  #isOver = false;
  readonly #ended: Promise<void>;

  /** @param isCaching whether it resolves the host only once until `forget`, like a client with a DNS cache */
  constructor(
    private readonly endpoint: Endpoint,
    private readonly isCaching: boolean,
  ) {
    this.#ended = this.#run();
  }

  /** Expires the cached address. */
  forget(): void {
    this.#address = undefined;
  }

  /** Waits for more successful calls at an address. @throws Error after two minutes, with the last failures */
  async succeedsAt(address: string, more: number): Promise<void> {
    const wanted = (this.answered.get(address) ?? 0) + more;
    const deadline = performance.now() + 120_000;
    while ((this.answered.get(address) ?? 0) < wanted) {
      if (performance.now() > deadline)
        throw new Error(`too few calls succeed at ${address}: ${this.failures.slice(-3).join()}`);
      await sleep(20);
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#ended;
  }

  async #run(): Promise<void> {
    const resolver = new Resolver();
    resolver.setServers([this.endpoint.resolver]);
    for (let count = 0; !this.#isOver; count += 1) {
      let address = this.#address;
      try {
        [address] = address === undefined ? await resolver.resolve4(this.endpoint.host) : [address];
        if (this.isCaching) this.#address = address;
        const sent = `call ${count}`;
        const received = await echo(this.endpoint, address ?? '', sent);
        if (received !== sent) throw new Error(`the tool returned ${received}`);
        this.answered.set(address ?? '', (this.answered.get(address ?? '') ?? 0) + 1);
      } catch (error) {
        this.failures.push(`call ${count} at ${address}: ${error}`);
      }
      await sleep(5);
    }
  }
}

/**
 * Calls the tool Echo over a new connection, at an address that the host resolved to.
 * @returns the message in the result @throws Error for any other response
 */
export async function echo(
  { host, secret, authority, ports }: Endpoint,
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
    call.on('timeout', () => call.destroy(new Error('no response within a minute')));
    call.on('error', reject);
    call.end(JSON.stringify({ tool, inputs: { message } }));
  });
  const { success, data } = Answer.safeParse(status === 200 ? JSON.parse(text) : undefined);
  if (!success) throw new Error(`${status} ${text}`);
  return data.output.value;
}
