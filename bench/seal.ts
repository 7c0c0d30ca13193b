import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readCertificate } from '../gitops/seal/certificate';
import { seal as sealValue } from '../gitops/seal/seal';
import { testServer, unconfirmedPlatform } from '../testing/fixtures';
import { goPrograms } from '../testing/processes/go-programs';
import { addServer, declarationOf, emptyRepository } from '../testing/repository-copy';
import type { Bench } from './measure/bench';
import { type Contender, type Figure, figureNamed, inProcess, measure, wholeProcess } from './measure/measure';
import type { Goal } from './measure/report';

const names = {
  bare: 'bare cryptography',
  ours: 'seal',
  node: "Node's start",
  kubeseal: 'kubeseal',
  command: 'npm run seal, without npm',
  plain: 'the same steps in a bare script',
};
const unitsPerRun = 200;
const value = randomBytes(1024);
const label = 'test-server';
const server = testServer();
/** Not the worker secret, which the engine limits to 100 characters. */
const key = 'BENCH_VALUE';

/** Measures sealing a value, and the whole command. */
export const seal: Bench = {
  usage: 'sealing 1 KiB values beside the bare cryptography, and the command beside kubeseal',
  async run({ rounds = 15 }) {
    const { kubeseal } = await goPrograms();
    const repository = emptyRepository();
    try {
      const secrets = `secrets: ['ARCADE_WORKER_SECRET', '${key}'],`;
      addServer(repository, server.name, declarationOf(server.name, secrets));
      const certificate = join(repository, unconfirmedPlatform.certificate.file);
      const pem = readFileSync(certificate, 'utf8');
      const values = await measure([bare(pem), ours(pem)], rounds);
      const commands = await measure(commandsIn(repository, certificate, kubeseal), rounds);
      return { groups: [values, commands], goals: goalsOf([...values, ...commands]) };
    } finally {
      rmSync(repository, { recursive: true });
    }
  },
};

function goalsOf(figures: readonly Figure[]): readonly Goal[] {
  const wall = (name: keyof typeof names) => figureNamed(figures, names[name]).wallMs;
  return [
    {
      name: 'values per second, relative to the bare cryptography',
      value: wall('bare') / wall('ours'),
      limit: { atLeast: 0.8 },
    },
    {
      name: "the whole command, relative to half of kubeseal plus Node's start",
      value: wall('command') / (wall('kubeseal') / 2 + wall('node')),
      limit: { atMost: 1 },
    },
  ];
}

/** Only the two encryptions, without even a fresh session key. */
function bare(pem: string): Contender {
  const { publicKey } = readCertificate(pem, 'certificate');
  const sessionKey = randomBytes(32);
  const iv = Buffer.alloc(12);
  const options = {
    key: publicKey,
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: 'sha256',
    oaepLabel: Buffer.from(label),
  };
  return inProcess(names.bare, unitsPerRun, () => {
    for (let unit = 0; unit < unitsPerRun; unit += 1) {
      publicEncrypt(options, sessionKey);
      const cipher = createCipheriv('aes-256-gcm', sessionKey, iv);
      cipher.update(value);
      cipher.final();
      cipher.getAuthTag();
    }
  });
}

function ours(pem: string): Contender {
  const certificate = readCertificate(pem, 'certificate');
  return inProcess(names.ours, unitsPerRun, () => {
    for (let unit = 0; unit < unitsPerRun; unit += 1) sealValue(value, certificate, label);
  });
}

function commandsIn(repository: string, certificate: string, kubeseal: string): readonly Contender[] {
  const input = value.toString('base64');
  const metadata = { name: `${server.name}-worker-secret`, namespace: server.namespace };
  const data = { [key]: Buffer.from(input).toString('base64') };
  const secret = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, data });
  const { execPath } = process;
  const command = [execPath, 'cli/run.mjs', 'gitops/seal/seal.command.ts', 'set', server.name, key];
  return [
    wholeProcess(names.node, [execPath, '-e', '0']),
    wholeProcess(names.plain, [execPath, '-e', bareScript, certificate, join(repository, 'out')], { input }),
    wholeProcess(names.kubeseal, [kubeseal, '--cert', certificate, '-o', 'json'], { input: secret }),
    wholeProcess(names.command, command, { cwd: repository, input }),
  ];
}

/** Read, encrypt, write and sync: the minimum for any Node program, without any checks. */
const bareScript = `
const { X509Certificate, publicEncrypt, createCipheriv, randomBytes } = require('node:crypto');
const { readFileSync, openSync, writeSync, fsyncSync } = require('node:fs');
const { publicKey: key } = new X509Certificate(readFileSync(process.argv[1]));
const sessionKey = randomBytes(32);
const wrapped = publicEncrypt({ key, oaepHash: 'sha256' }, sessionKey);
const cipher = createCipheriv('aes-256-gcm', sessionKey, Buffer.alloc(12));
const out = openSync(process.argv[2], 'w');
writeSync(out, Buffer.concat([wrapped, cipher.update(readFileSync(0)), cipher.final(), cipher.getAuthTag()]).toString('base64'));
fsyncSync(out);`;
