import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../cli/command';
import { root } from '../cli/root';
import { readCertificate } from '../gitops/seal/certificate';
import { seal } from '../gitops/seal/seal';
import { unconfirmedPlatform as platform, testServer } from '../testing/fixtures';
import { goPrograms } from '../testing/processes/go-programs';
import { addServer, emptyRepository } from '../testing/repository';
import { type Contender, figureNamed, type Goal, inProcess, isReached, measure, report, wholeProcess } from './measure';

void runCommand({
  usage: `npm run bench -- seal [--rounds <n>] [--json]
  sealing 1 KiB values beside the bare cryptography, and the whole command beside kubeseal (wants Go) and Node's start`,
  options: { rounds: { type: 'string' } },
  async run({ rounds = '15', json = false }) {
    const count = Math.max(1, Number.parseInt(rounds, 10) || 15);
    // The command writes into the repository it lies in, so it is measured in one of its own.
    const copy = emptyRepository();
    addServer(copy, server.name);
    const pem = readFileSync(join(copy, platform.certificate.file), 'utf8');
    try {
      const values = await measure([bare(pem), ours(pem)], count);
      const programs = goPrograms(root, (line) => process.stderr.write(`${line}\n`));
      const commands = await measure(commandsIn(copy, programs.kubeseal), count);
      const goals = [...valueGoals(values), ...commandGoals(commands)];
      if (json)
        process.stdout.write(`${JSON.stringify({ node: process.version, values, commands, goals }, null, 2)}\n`);
      else process.stdout.write(`${report(values, [])}\n\n${report(commands, goals)}\n`);
      return goals.every(isReached) ? 0 : 1;
    } finally {
      rmSync(copy, { recursive: true });
    }
  },
});

const names = {
  bare: 'bare cryptography',
  ours: 'seal',
  node: "Node's start",
  kubeseal: 'kubeseal',
  command: 'npm run seal, without npm',
  plain: 'the same steps in a bare script',
};
const server = testServer();
const unitsPerRun = 200;
const value = randomBytes(1024);
const label = 'made-up/made-up-worker-secret';

/** Nothing but the two encryptions: not even a fresh session key. */
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
    for (let unit = 0; unit < unitsPerRun; unit += 1) seal(value, certificate, label);
  });
}

function commandsIn(copy: string, kubeseal: string): Contender[] {
  // Not the worker secret, which an engine takes up to 100 characters of.
  const key = 'BENCH_VALUE';
  const input = value.toString('base64');
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: server.secretName, namespace: server.namespace },
    data: { [key]: Buffer.from(input).toString('base64') },
  };
  const certificate = join(copy, platform.certificate.file);
  const { execPath } = process;
  const command = [execPath, join(copy, 'cli/run.mjs'), 'gitops/seal/seal.command.ts', 'set', server.name, key];
  return [
    wholeProcess(names.node, [execPath, '-e', '0']),
    wholeProcess(names.plain, [execPath, '-e', bareScript, certificate, join(copy, 'out')], { input }),
    wholeProcess(names.kubeseal, [kubeseal, '--cert', certificate, '-o', 'json'], { input: JSON.stringify(secret) }),
    wholeProcess(names.command, command, { cwd: copy, input }),
  ];
}

/** Read, encrypt, write, sync: what any program on Node pays, without a line that checks anything. */
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

function valueGoals(figures: Awaited<ReturnType<typeof measure>>): Goal[] {
  const value = figureNamed(figures, names.bare).wallMs / figureNamed(figures, names.ours).wallMs;
  return [{ name: 'values per second, beside the bare cryptography', value, limit: { atLeast: 0.8 } }];
}

function commandGoals(figures: Awaited<ReturnType<typeof measure>>): Goal[] {
  const limit = figureNamed(figures, names.kubeseal).wallMs / 2 + figureNamed(figures, names.node).wallMs;
  const value = figureNamed(figures, names.command).wallMs / limit;
  return [{ name: "the whole command, beside half of kubeseal and Node's start", value, limit: { atMost: 1 } }];
}
