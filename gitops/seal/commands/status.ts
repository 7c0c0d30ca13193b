import { describeProblems } from '../../../cli/command';
import { table } from '../../../cli/table';
import { pickPlatform } from '../../../model/platforms';
import { sealedKeys } from '../../../model/sealed';
import { secretKeysOf } from '../../../model/secret-name';
import { aboutSecrets, placeOf } from '../../../model/secret-place';
import { pick } from '../../../model/servers';
import type { Server } from '../../../model/spec';
import { contract } from '../../../worker/contract';
import { daysBetween } from '../certificate';
import { checkSealed } from '../check-sealed';
import { certificateProblems, type PinnedCertificate, pinnedByPlatform } from '../pinned';
import { remainingSteps } from '../rotation';
import type { SealWorld } from '../seal-world';
import { readSealedFile } from '../sealed-file';
import { misused, subcommand } from '../subcommand';

const { secret, previousSecret } = contract.env;

/** Lists every sealed value with its problems. Exits with 1 when one is an error. */
export const status = subcommand({
  usage: {
    forms: {
      'npm run seal -- status [<server>]': 'lists every sealed value with its certificate, its age and its problems',
    },
    notes: [
      'Also lists where secrets are on platforms that do not seal them. Exits with 1 when a value has a problem.',
    ],
    examples: ['npm run seal -- status', 'npm run seal -- status weather'],
  },
  options: {},
  run(_, [name, ...more], world) {
    if (more.length > 0) throw misused('status takes at most one server');
    const servers = pick(world.servers.servers, name === undefined ? [] : [name]);
    // The certificates of the other platforms identify a foreign value.
    const every = [...world.platforms, ...world.servers.servers.map(({ platform }) => platform)];
    const platforms = [...new Map(every.map((platform) => [platform.name, platform])).values()];
    const selected = world.platforms.map((platform) => platform.name);
    const pins = pinnedByPlatform(world.root, platforms).filter(({ platform }) => selected.includes(platform.name));
    const elsewhere = servers.filter(
      ({ platform: { name, secrets } }) => selected.includes(name) && secrets.kind !== 'sealed',
    );
    const sealing = pins.filter(({ platform }) => platform.secrets.kind === 'sealed');
    const all = sealing.flatMap(({ platform, ...pinned }) => {
      const here = servers.filter((server) => server.platform.name === platform.name);
      return here.map((server) => statusOf(server, pinned, world));
    });
    const problems = [
      ...(name === undefined ? world.servers.problems : []),
      ...pins.flatMap(({ pinned, problems: unusable }) => [
        ...unusable,
        ...(pinned === undefined ? [] : certificateProblems(pinned, world.now)),
      ]),
      ...all.flatMap((each) => each.problems),
    ];
    const rows = all.flatMap((each) => each.rows);
    const rotations = all.flatMap((each) => each.rotations);
    const report = { sealed: rows, elsewhere: elsewhere.flatMap(placesOf), rotations, problems };
    if (world.isJson) world.print(JSON.stringify(report, null, 2));
    else {
      if (rows.length > 0 || elsewhere.length === 0) show({ rows, rotations }, world);
      if (elsewhere.length > 0) showElsewhere(elsewhere, world);
      if (problems.length > 0) world.say(describeProblems(problems));
    }
    return problems.some(({ level }) => level === 'error') ? 1 : 0;
  },
});

/** One row for each sealed or missing value of a server, and all their problems. */
function statusOf(
  server: Server,
  {
    certificates,
    known,
    others,
  }: Pick<ReturnType<typeof pinnedByPlatform>[number], 'certificates' | 'known' | 'others'>,
  { root, now }: SealWorld,
) {
  const reading = readSealedFile(root, server);
  const { sealed } = reading;
  const unread = reading.problems.map(({ path }) => path);
  const checked = checkSealed(server, sealed, known, others).filter(
    // An unreadable entry is not reported as missing too.
    ({ code, path }) => !(code === 'SEAL-MISSING' && (unread.includes(path) || unread.includes(undefined))),
  );
  const problems = [...reading.problems, ...checked];
  const keys = [...sealedKeys(server, sealed), ...sealed.keys(), ...problems.flatMap(({ path }) => path ?? [])];
  const rows = [...new Set(keys)].sort().map((key) => {
    const { scope = '', certSha256, sealedOn } = sealed.get(key) ?? {};
    return {
      ...{ server: server.name, platform: server.platform.name, key, scope },
      certificate: certSha256 === undefined ? '' : described(certSha256, certificates),
      ageDays: sealedOn === undefined ? undefined : Math.floor(daysBetween(new Date(sealedOn), now)),
      codes: problems.filter(({ path }) => path === key || path === undefined).map(({ code }) => code),
    };
  });
  const rotations = sealed.has(previousSecret)
    ? [{ server: server.name, platform: server.platform.name, since: sealed.get(secret)?.sealedOn }]
    : [];
  return { rows, problems, rotations };
}

function described(sha256: string, certificates: readonly PinnedCertificate[]): string {
  const { isSample, isRetired } = certificates.find((known) => known.sha256 === sha256) ?? {};
  const state = isSample === undefined ? 'unknown' : isSample ? 'sample' : isRetired ? 'retired' : 'pinned';
  return `${state} ${sha256.slice(0, 8)}`;
}

/** One row for each secret of a server that is not sealed: its kind and where it is stored. */
function placesOf(server: Server) {
  const { name, platform } = server;
  const keys = secretKeysOf(server, new Map());
  return keys.map((key) => {
    return {
      server: name,
      platform: platform.name,
      key,
      kind: platform.secrets.kind,
      place: placeOf(server, key) ?? '',
    };
  });
}

function showElsewhere(servers: readonly Server[], world: SealWorld): void {
  const rows = servers.flatMap(placesOf).map(({ server, platform, key, kind, place }) => {
    return [server, ...columnOf(world, platform), key, kind, place];
  });
  world.print(table(['server', ...columnOf(world, 'platform'), 'key', 'kind', 'where'], rows));
  const lines = servers.flatMap(({ platform }) => aboutSecrets(platform) ?? []);
  for (const line of new Set(lines)) world.print(line);
}

/** A platform column, when there are several platforms. */
function columnOf({ platforms }: SealWorld, text: string): readonly string[] {
  return platforms.some(({ flag }) => flag !== '') ? [text] : [];
}

function show({ rows, rotations }: Pick<ReturnType<typeof statusOf>, 'rows' | 'rotations'>, world: SealWorld): void {
  const lines = rows.map(({ server, platform, key, scope, certificate, ageDays, codes }) => {
    const age = ageDays === undefined ? '' : ageDays <= 0 ? 'today' : `${ageDays} d`;
    return [server, ...columnOf(world, platform), key, scope, certificate, age, codes.join(', ') || '-'];
  });
  world.print(table(['server', ...columnOf(world, 'platform'), 'key', 'scope', 'certificate', 'age', 'wrong'], lines));
  for (const { server: name, platform: where, since = 'an unknown day' } of rotations) {
    const platform = pickPlatform(world.platforms, where);
    const on = platform.flag && ` on ${where}`;
    const steps = remainingSteps({ name, platform }).replaceAll('\n', '\n        ');
    world.print(`A rotation of ${name}${on} has been open since ${since}.\n  next  ${steps}`);
  }
}
