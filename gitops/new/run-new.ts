import { existsSync } from 'node:fs';
import { join, parse } from 'node:path';
import { type Platform, unconfirmed } from '../../model/platform';
import { platformNames, readPlatforms } from '../../model/platforms';
import { type Problem, Problems } from '../../model/problem';
import { generateCommand } from '../../model/sealed';
import { placeOf } from '../../model/secret-place';
import { readServers } from '../../model/servers';
import type { Server } from '../../model/spec';
import { contract } from '../../worker/contract';
import { addOwners, removeOwners } from '../check/owners';
import { platformFacts } from '../rules/platform-facts';
import { howToFetch } from '../seal/certificate';
import { set } from '../seal/commands/set';
import { certificateProblems, pinnedCertificates } from '../seal/pinned';
import { handOver, outletFor } from '../seal/plaintext-out';
import { processWorld } from '../seal/seal-world';
import { askedFacts } from './ask';
import { ejectSample } from './eject-sample';
import { writeNew } from './files';
import { allFacts, type GivenFacts, newPlatform } from './platform';
import { type Rendered, render, secretsToSeal } from './render';
import { newServer } from './server';
import { afterEdits, newResource, newTool } from './tool';
import { presets } from './ways';

/** The flags of all forms. */
export type NewFlags = GivenFacts & {
  readonly [flag in 'team' | 'description' | 'plaintext-out' | 'certificate']?: string | undefined;
} & { readonly [flag in 'no-seal' | 'force' | 'json']?: boolean | undefined };

/** What was done, as paths relative to the root, and the next steps. */
export interface Done extends Rendered {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly next: readonly string[];
  /** The number of secrets to seal before synth can render. @default - none */
  readonly toSeal?: number | undefined;
}

const checkAndCommit = 'npm run check, then commit';

/** Creates a server: writes its folder, seals its worker secret, and renders. */
export async function startServer(root: string, flags: NewFlags, name: string): Promise<Done> {
  const platforms = readPlatforms(root);
  const { added, files } = newServer(root, name, flags, readServers(root, platforms).servers, platforms);
  const undo = writeNew(root, files);
  const written = [...files.keys()];
  const sealing = added.filter(({ platform }) => platform.secrets.kind === 'sealed');
  const next = [
    ...added.flatMap(writeElsewhere),
    `npm run dev -- ${name}`,
    `npm run new -- tool ${name} <tool>`,
    ...(flags.team === undefined ? [chooseTeam(name, added)] : []),
    checkAndCommit,
  ];
  if (flags['no-seal'] && sealing.length > 0) {
    const seal = sealing.map(generateCommand);
    const owned = addOwners(root, added.slice(0, 1));
    return {
      written: [...written, ...owned],
      removed: [],
      next: [`${seal.join(' && ')} && npm run synth, before npm run check`, ...next],
    };
  }
  const sealed: string[] = [];
  const later: string[] = [];
  try {
    const blocked = new Map(sealing.map((server) => [server, problemsOfCertificate(root, server.platform)]));
    if (blocked.size > 0 && [...blocked.values()].every(({ length }) => length > 0))
      throw new Problems([...blocked.values()].flat());
    for (const [server, { length }] of blocked) {
      if (length > 0)
        later.push(`${generateCommand(server)}, once the certificate of "${server.platform.name}" can be used`);
      else {
        const { sealedFile, toHandOver } = await sealWorkerSecret(root, flags, server);
        sealed.push(sealedFile);
        next.push(...toHandOver);
      }
    }
  } catch (error) {
    undo();
    throw error;
  }
  const owned = addOwners(root, added.slice(0, 1));
  return { written: [...written, ...sealed, ...owned], removed: [], next: [...later, ...next], ...render(root) };
}

/** Creates a tool: writes its files, and renders. */
export function startTool(root: string, server: string, name: string): Done {
  const files = newTool(root, server, name, readServers(root, readPlatforms(root), { [server]: [name] }));
  writeNew(root, files);
  const next = [
    `npm run dev -- ${server}`,
    `npm run call -- ${server} ${name}`,
    afterEdits(root, server),
    checkAndCommit,
  ];
  return { written: [...files.keys()], removed: [], next, ...render(root) };
}

/** Creates a resource: writes its file, and renders. */
export function startResource(root: string, server: string, name: string): Done {
  const files = newResource(root, server, name, readServers(root, readPlatforms(root)));
  writeNew(root, files);
  const next = [`npm run dev -- ${server}`, afterEdits(root, server), checkAndCommit];
  return { written: [...files.keys()], removed: [], next, ...render(root) };
}

/** Creates a platform: asks for missing facts on a terminal, writes its file and its certificate, and renders. */
export async function startPlatform(root: string, flags: NewFlags, name: string): Promise<Done> {
  const given =
    process.stdin.isTTY && !flags.json ? await askedFacts(flags, process.stdin, process.stderr) : await allFacts(flags);
  const others = platformNames(root).length === 0 ? [] : readPlatforms(root);
  const { platform, files } = newPlatform(root, name, given, { others, pem: flags.certificate, now: new Date() });
  writeNew(root, files);
  const { ingress } = platform.ways;
  const isUnknown = ingress !== undefined && !Object.hasOwn(presets, ingress.className);
  const annotate = `set the timeout annotations of "${ingress?.className}" for slow tools in ways.ingress.annotations of ${platform.source}: docs/platforms.md`;
  const isSealed = platform.secrets.kind === 'sealed';
  const rendered = render(root);
  const toSeal = secretsToSeal(rendered, platform);
  const next = [
    ...(isUnknown ? [annotate] : []),
    ...(flags.certificate === undefined && isSealed
      ? [
          `${howToFetch}${platform.flag} (or try things first under the sample certificate, and seal again before the first delivery)`,
        ]
      : []),
    ...(toSeal.length > 0 ? [...toSeal, 'npm run synth'] : []),
    ...confirmLater(platform),
    ...(existsSync(join(root, 'sample.json'))
      ? ['npm run new -- eject-sample, once you no longer need the sample']
      : []),
    ...(toSeal.length > 0 ? [] : ['npm run new -- server <name>']),
  ];
  const done = { written: [...files.keys()], removed: [], next };
  return toSeal.length > 0 ? { ...done, toSeal: toSeal.length } : { ...done, ...rendered };
}

function chooseTeam(name: string, [server]: readonly Server[]): string {
  return `replace the team "${server?.team}" by yours in servers/${name}/server.ts and .github/CODEOWNERS`;
}

/** The step for the values that a delivery refuses until they are confirmed; none without such values. */
function confirmLater(platform: Platform): readonly string[] {
  const open = platformFacts(platform).flatMap(({ level, path = '' }) => (level === 'delivery' ? [path] : []));
  if (open.length === 0) return [];
  const where = `in ${platform.source} (${open.join(', ')})`;
  return [
    `replace the values that contain ${unconfirmed} ${where} before the first delivery: docs/delivery.md#before-the-first-delivery`,
  ];
}

/** Removes the sample, and renders the rest. */
export function dropSample(root: string, { force = false }: NewFlags): Done {
  const platforms = readPlatforms(root);
  const removed = ejectSample(root, platforms, force);
  const isEmpty = platforms.every(({ source }) => removed.includes(source));
  const next = isEmpty ? 'npm run new -- platform <name>' : 'npm run new -- server <name>';
  const written = removeOwners(
    root,
    removed.flatMap((path) => /^servers\/([^/]+)$/.exec(path)?.[1] ?? []),
  );
  return { written, removed, next: [next], ...(isEmpty ? {} : render(root)) };
}

/** The next step for a worker secret that is not sealed here. */
function writeElsewhere(server: Server): readonly string[] {
  const place = placeOf(server, contract.env.secret);
  return place === undefined ? [] : [`write a worker secret of 16 to 100 characters to ${place}`];
}

/** The problems that prevent sealing for a platform; empty when there are none. */
function problemsOfCertificate(root: string, platform: Platform): readonly Problem[] {
  const { pinned, problems } = pinnedCertificates(root, platform);
  if (pinned === undefined) return problems;
  return certificateProblems(pinned, new Date()).filter(({ level }) => level === 'error');
}

/** @returns the sealed file, relative to the root, and the step for a file with the plaintext */
async function sealWorkerSecret(root: string, flags: NewFlags, server: Server) {
  const key = contract.env.secret;
  const { platform } = server;
  const out = plaintextFile(flags['plaintext-out'], platform);
  const world = processWorld(root, [platform], { servers: [server], problems: [] }, flags.json ?? false);
  // `plaintextFile` adds the platform to the name that this proposes.
  if (out === undefined) outletFor(out, { name: server.name, platform: { name: '', flag: '' } }, world);
  await set.run({ generate: true, ...(out === undefined ? {} : { 'plaintext-out': out }) }, [server.name, key], {
    ...world,
    // Silent: the command prints the file and the next step itself.
    print: () => {},
    show(secret) {
      const where = platform.flag && ` for "${platform.name}"`;
      world.print(`${key}${where}, shown only once; the engine needs the same value:`);
      world.show(secret);
    },
  });
  return { sealedFile: server.sealedFile, toHandOver: out === undefined ? [] : [handOver(key, out)] };
}

/** Every cluster has its own value, so with several platforms the file name includes the platform's. */
function plaintextFile(path: string | undefined, { name, flag }: Platform): string | undefined {
  if (path === undefined || flag === '') return path;
  const { dir, name: base, ext } = parse(path);
  return join(dir, `${base}-${name}${ext}`);
}
