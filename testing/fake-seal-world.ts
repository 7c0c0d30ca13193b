import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type SealFlags, sealRequest } from '../gitops/seal/request';
import { runRequest } from '../gitops/seal/run-request';
import type { SealWorld } from '../gitops/seal/seal-world';
import keys from '../gitops/seal/vectors/keys.throwaway.json';
import { type Problem, Problems } from '../model/problem';
import { type SealedOwner, sealedPath } from '../model/sealed';
import { serverList } from '../model/servers';
import { testPlatform as platform } from './fixtures';

/** A made-up repository in a folder of its own, for tests: two servers and a cluster whose private keys the vectors hold. */
export class FakeSealWorld {
  readonly root = mkdtempSync(join(tmpdir(), 'sealing-'));
  readonly certificates = join(this.root, 'platforms/certificates');
  /** What was printed for the reader of standard output, and said beside it. */
  readonly printed: string[] = [];
  readonly said: string[] = [];
  readonly shown: string[] = [];
  #changes: Partial<SealWorld> = {};

  constructor() {
    mkdirSync(this.certificates, { recursive: true });
    for (const name of ['made-up', 'other']) mkdirSync(join(this.root, 'servers', name), { recursive: true });
    for (const id of ['current', 'retired', 'other-cluster']) {
      writeFileSync(join(this.certificates, `${id}.pem`), keyOf(id).certPem);
      writeFileSync(this.privateKey(id), keyOf(id).privateKeyPkcs8Pem);
    }
  }

  /** Another clock, environment, platform … for the commands that follow. */
  with(changes: Partial<SealWorld>): this {
    this.#changes = { ...this.#changes, ...changes };
    return this;
  }

  /** Runs one command line. Resolves with its exit code. @throws what the command throws */
  async run(names: readonly string[], flags: SealFlags = {}, stdin: Buffer | string = ''): Promise<number> {
    this.printed.length = 0;
    this.said.length = 0;
    const image = 'example.com/made-up:1.0.0';
    const here = { ...platform, ...this.pins() };
    const declared = [
      { name: 'made-up', entry: { team: 'infra', image, secrets: ['ARCADE_WORKER_SECRET', 'TOKEN'] } },
      { name: 'other', entry: { team: 'infra', image } },
    ];
    return runRequest(sealRequest(flags, names), {
      root: this.root,
      platform: here,
      servers: serverList(declared, here),
      now: new Date('2024-02-01T12:00:00Z'),
      environment: {},
      stdin: Readable.from([Buffer.from(stdin)]),
      isJson: false,
      isTerminal: false,
      print: (text) => this.printed.push(text),
      say: (line) => this.said.push(line),
      show: (secret) => this.shown.push(secret.reveal().toString()),
      ...this.#changes,
    });
  }

  /** The problems that a command line ends in. */
  async problems(
    names: readonly string[],
    flags: SealFlags = {},
    stdin: Buffer | string = '',
  ): Promise<readonly Problem[]> {
    try {
      await this.run(names, flags, stdin);
    } catch (error) {
      if (error instanceof Problems) return error.list;
      // The rest is what Jest should show: a Problem is an Error with a code.
      return [error as Problem];
    }
    return [];
  }

  pins(): Pick<SealWorld['platform'], 'name' | 'certificate' | 'retiredCertificates'> {
    return {
      name: 'made-up-cluster',
      certificate: {
        file: 'platforms/certificates/current.pem',
        sha256: keyOf('current').certSha256Hex,
        isSample: false,
      },
      retiredCertificates: [
        { file: 'platforms/certificates/retired.pem', sha256: keyOf('retired').certSha256Hex, isSample: false },
      ],
    };
  }

  privateKey(id: string): string {
    return join(this.root, `${id}.key.pem`);
  }

  /** A server as far as its sealed file is concerned. */
  owner(name = 'made-up'): SealedOwner {
    return { name, sealedFile: sealedPath(name, { name: 'made-up-cluster' }) };
  }

  /** The text of a server's sealed file. */
  text(server = 'made-up'): string {
    return readFileSync(this.sealedFile(server), 'utf8');
  }

  sealedFile(server = 'made-up'): string {
    return join(this.root, this.owner(server).sealedFile);
  }

  /** What a sealed value opens to, with any of the keys. */
  async opened(key: string, server = 'made-up'): Promise<string> {
    const out = join(this.root, `${Math.random()}.plaintext`);
    const privateKeys = keys.keys.map(({ id }) => this.privateKey(id));
    await this.run([server, key], { 'verify-with': privateKeys, 'plaintext-out': out });
    return readFileSync(out, 'latin1');
  }
}

/** One key pair of the vectors. */
export function keyOf(id: string) {
  const key = keys.keys.find((each) => each.id === id);
  if (key === undefined) throw new Error(`the vectors hold no key ${id}`);
  return key;
}
