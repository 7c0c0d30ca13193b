import { isOlder, parseImage } from '../../model/image';
import type { Platform } from '../../model/platform';
import { isRotated } from '../../model/sealed';
import { aboutSecrets } from '../../model/secret-place';
import { pick, pickOn, readSealedOf } from '../../model/servers';
import type { Server } from '../../model/spec';
import { contract } from '../../worker/contract';
import { originsAt } from '../deliver/ownership';
import { distFiles } from '../synth/fresh';
import { readTarget } from './delivered';
import type { Opened } from './opened';
import { readRendered } from './rendered';
import type { Row, Running } from './row';

/** What to compare. */
export interface StatusOptions {
  /** Every platform: `dist/` is rendered for all of them. */
  readonly platforms: readonly Platform[];
  /** The platforms to report on. */
  readonly chosen: readonly Platform[];
  /** The servers; all of them when empty. */
  readonly names: readonly string[];
  readonly targets: readonly Opened[];
}

/** The state on disk, and the servers to ask next. */
export interface OnDisk extends Pick<ReturnType<typeof readRendered>, 'tools'> {
  readonly servers: readonly Server[];
  /** @param running what each server runs. @default - not checked */
  rows(running?: ReadonlyMap<Server, Running>): readonly Row[];
}

/**
 * Reads the sources, `dist/` and the checkouts; writes nothing.
 * @throws Problems of sources that do not render, SERVER-UNKNOWN
 */
export function readDisk(root: string, { platforms, chosen, names, targets }: StatusOptions): OnDisk {
  const { dist, servers: declared, tools, of } = readRendered(root, platforms);
  const isLimited = chosen.length < platforms.length;
  const servers = isLimited ? chosen.flatMap((platform) => pickOn(platform, declared, names)) : pick(declared, names);
  const files = distFiles(dist);
  const originOf = originsAt(root);
  const states = targets.map((opened) => ({ ...opened, state: readTarget(opened, files, root, originOf) }));
  const stateOf = (option: '--to' | '--dns-to', platform?: Platform, server?: string) =>
    states.find((each) => each.target.option === option && each.platform === platform)?.state.of(server);
  const rowOf = (platform: Platform | undefined, server: string | undefined): Row => ({
    server,
    platform,
    rendered: of(server, platform?.name),
    delivered: stateOf('--to', platform, server),
    dns: stateOf('--dns-to', platform, server),
  });
  const gone = states.flatMap(({ platform, state }) =>
    state.servers
      .filter((name) => !declared.some((server) => server.name === name && server.platform === platform))
      .filter((name) => names.length === 0 || names.includes(name))
      .map((name) => rowOf(platform, name)),
  );
  const shared = [rowOf(undefined, undefined), ...chosen.map((platform) => rowOf(platform, undefined))];
  return {
    servers,
    tools,
    rows(running = new Map()) {
      const own = servers.map((server) => ({
        ...rowOf(server.platform, server.name),
        declared: declaredOf(server, declared),
        ...(isRotated(contract.env.secret, readSealedOf(server, root).sealed) ? { isRotating: true } : {}),
        secrets: aboutSecrets(server.platform),
        running: running.get(server),
      }));
      // Files of all servers follow from the servers' own: the same command updates both.
      const isReported = own.some(({ rendered }) => rendered.state !== 'same');
      return [
        ...own,
        ...gone.filter((row, index) => gone.findIndex((other) => isSameServer(other, row)) === index),
        ...shared.filter((row) => isDifferent(row) && !(isReported && row.platform === undefined)),
      ];
    },
  };
}

function declaredOf(server: Server, all: readonly Server[]): Row['declared'] {
  const { name, image, runtime, toolkit } = server;
  const isNewer = (other: string) => {
    const [own, its] = [parseImage(image), parseImage(other)];
    return own !== undefined && its !== undefined && isOlder(own, its);
  };
  const newer = all.find((other) => other.name === name && other !== server && isNewer(other.image));
  return { image, runtime, version: toolkit?.version, newerOn: newer?.platform.name };
}

function isSameServer(one: Row, other: Row): boolean {
  return one.server === other.server && one.platform === other.platform;
}

/** Whether a row of shared files is worth showing. */
function isDifferent({ rendered, delivered, dns }: Row): boolean {
  const targets = [delivered, dns].filter((target) => target !== undefined);
  return rendered.state !== 'same' || targets.some(({ state, problems }) => state !== 'same' || problems.length > 0);
}
