import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Platform, platformFrom } from '../../model/platform';
import { betweenPlatforms } from '../../model/platforms';
import { Problem, Problems, stopOnErrors } from '../../model/problem';
import { platformFacts } from '../rules/platform-facts';
import { checkDates, readCertificate, readPem } from '../seal/certificate';
import { declarationText, type NewFiles, nameTaken, templateText } from './files';
import { foreseenOn } from './foreseen';
import { presets, waysFrom } from './ways';

/** A fact of a platform: where it is in the declaration, what it is, and its value unless another is given. */
interface Fact {
  readonly type: 'string';
  readonly at: string;
  readonly what: string;
  /** `<zone>` in it is the zone, `-` means that a platform can do without. @default - it has to be given */
  readonly usual?: string;
}

/** Every fact by the flag that gives it, as parseArgs takes it, in the order in which a person is asked. */
export const facts = {
  registry: { type: 'string', at: 'registry', what: 'registry of the images, such as registry.example.com' },
  zone: { type: 'string', at: 'dns.zone', what: 'public DNS zone, such as example.com' },
  'gitops-repository': { type: 'string', at: 'gitops.repository', what: 'name of the repository that Flux reads' },
  'dns-repository': { type: 'string', at: 'dns.repository', what: 'name of the repository with the DNS workspace' },
  'ingress-address': { type: 'string', at: 'ways.ingress.address', what: 'host that public records point to' },
  gateway: { type: 'string', at: 'ways.gateway.parentRefs', what: 'Gateway to join, <namespace>/<name>', usual: '-' },
  'gateway-address': { type: 'string', at: 'ways.gateway.address', what: 'host that its records point to', usual: '-' },
  'gateway-namespace': { type: 'string', at: 'ways.gateway.namespace', what: 'of the pods behind it', usual: '-' },
  'apps-path': { type: 'string', at: 'gitops.appsPath', what: 'folder that Flux applies', usual: 'apps/mcp' },
  workspace: { type: 'string', at: 'dns.workspace', what: 'folder of the DNS workspace', usual: 'confirm-workspace' },
  'zone-id': { type: 'string', at: 'dns.zoneId', what: 'Terraform for its id', usual: 'local.confirm-zone-id' },
  'record-type': { type: 'string', at: 'dns.resourceType', what: 'Terraform record', usual: 'cloudflare_dns_record' },
  'ingress-class': { type: 'string', at: 'ways.ingress.className', what: 'ingress class', usual: 'nginx' },
  'ingress-namespace': {
    type: 'string',
    at: 'ways.ingress.namespace',
    what: 'of the controller',
    usual: 'ingress-nginx',
  },
  'engine-namespace': { type: 'string', at: 'engine.namespace', what: 'of the Arcade engine', usual: 'arcade' },
  'annotation-domain': { type: 'string', at: 'annotationDomain', what: 'of our annotations', usual: 'mcp.<zone>' },
  project: { type: 'string', at: 'project', what: 'label part-of', usual: 'mcp-servers' },
  tool: { type: 'string', at: 'tool', what: 'label managed-by', usual: 'mcp-servers' },
  'chart-name': { type: 'string', at: 'chart.name', what: 'private chart of the st-app runtime', usual: '-' },
  'chart-version': { type: 'string', at: 'chart.version', what: 'its exact version', usual: '-' },
  'chart-source-kind': { type: 'string', at: 'chart.source.kind', what: 'such as HelmRepository', usual: '-' },
  'chart-source-name': { type: 'string', at: 'chart.source.name', what: 'name of the source', usual: '-' },
  'chart-source-namespace': { type: 'string', at: 'chart.source.namespace', what: 'and its namespace', usual: '-' },
} as const satisfies Record<string, Fact>;

// Object.entries widens the keys; these are all there are.
const entries = Object.entries(facts) as [keyof typeof facts, Fact][];

/** Facts by flag. */
export type GivenFacts = Partial<Record<keyof typeof facts, string | undefined>>;

/**
 * The facts that are given, and the usual ones. A person is asked for the others as long as one is missing that has to be
 * given.
 * @param ask resolves with the answer, or with the usual value. @default - nobody can answer
 */
export async function allFacts(given: GivenFacts, ask?: (question: string, usual?: string) => Promise<string>) {
  const open = entries.filter(([flag]) => given[flag] === undefined);
  const isMissing = open.some(([flag]) => usualOf(flag, given) === undefined);
  const found: GivenFacts = { ...given };
  for (const [flag, { what }] of open) {
    const value = usualOf(flag, found);
    if (value === '-') continue;
    found[flag] = isMissing && ask !== undefined ? await ask(`${flag} (${what})`, value) : value;
  }
  return found;
}

/** The usual value of a fact beside those that are known; `-` for one that the platform can do without. */
function usualOf(flag: keyof typeof facts, given: GivenFacts): string | undefined {
  const { usual }: Fact = facts[flag];
  const hasGateway = given.gateway !== undefined || given['gateway-address'] !== undefined;
  // A Gateway alone is enough: nothing of an ingress is asked then.
  const hasIngress = entries.some(([name]) => name.startsWith('ingress-') && given[name] !== undefined);
  if (flag.startsWith('ingress-') && hasGateway && !hasIngress) return '-';
  if (flag === 'ingress-namespace') return presets[given['ingress-class'] ?? '']?.namespace ?? usual;
  if (!flag.startsWith('gateway') || !hasGateway) return usual?.replace('<zone>', given.zone ?? 'example.com');
  return flag === 'gateway-namespace' ? given.gateway?.split('/')[0] : undefined;
}

/** What a new platform comes to stand beside. */
export interface PlatformSurroundings {
  /** The platforms that are there already. @default - none */
  readonly others?: readonly Platform[];
  /** The file of the cluster's certificate. @default - the sample, under which nothing may be delivered */
  readonly pem?: string | undefined;
  readonly now: Date;
}

/**
 * A new platform and its files: its declaration and the certificate that it pins. Decides; writes nothing.
 * @throws Problems everything that is wrong with the facts, the problem of the certificate, or what is wrong on the
 *   platform with servers that would run there
 */
export function newPlatform(
  root: string,
  name: string,
  given: GivenFacts,
  { others = [], pem, now }: PlatformSurroundings,
): { readonly platform: Platform; readonly files: NewFiles } {
  const file = `platforms/certificates/${pem === undefined ? 'sample' : name}.pem`;
  const text = pem === undefined ? templateText(root, 'sample.pem') : readPem(pem, pem, 'name a PEM file');
  const certificate = readCertificate(text, pem ?? file);
  const ways = waysFrom(entryOf(given, 'ways.'), given);
  const pin = { file, sha256: certificate.sha256, isSample: pem === undefined };
  const platform = platformFrom(name, { ...entryOf(given), ways, certificate: pin }, others.length === 0);
  if (!('name' in platform)) throw new Problems(platform.map(byFlag));
  stopOnErrors(checkDates(certificate, pem ?? file, now));
  if (others.some((other) => other.name === name)) throw nameTaken(platform.source);
  const about = [...platformFacts(platform), ...betweenPlatforms([...others, platform])];
  stopOnErrors(about.filter(({ level }) => level === 'error').map(byFlag));
  stopOnErrors(foreseenOn(root, platform, others));
  const { name: _, flag, source, retiredCertificates, ...entry } = platform;
  const path = join(root, file);
  const isThere = existsSync(path) && readFileSync(path, 'utf8') === certificate.pem;
  const declaration = [source, declarationText(root, source, 'platform', entry)] as const;
  return { platform, files: new Map([declaration, ...(isThere ? [] : [[file, certificate.pem] as const])]) };
}

/** `{ zone: 'example.com' }` as `{ dns: { zone: 'example.com' } }`; what is not given is left out. */
function entryOf(given: GivenFacts, above = ''): object {
  const below = entries.filter(([flag, { at }]) => given[flag] !== undefined && at.startsWith(above));
  const fields = below.map(([flag, { at }]) => {
    const [field = '', ...rest] = at.slice(above.length).split('.');
    return [field, rest.length === 0 ? given[flag] : entryOf(given, `${above}${field}.`)];
  });
  return Object.fromEntries(fields);
}

/** A problem of a field, with the flags that give it; the file is not there yet. */
function byFlag({ code, message, path = '' }: Problem): Problem {
  if (path === 'name') return new Problem('NAME', message, { fix: 'choose another name' });
  const flags = entries.filter(([, { at }]) => `${at}.`.startsWith(`${path}.`) || path.startsWith(`${at}.`));
  return new Problem(code, message, { fix: flags.map(([flag, { what }]) => `--${flag} <${what}>`).join(' ') || path });
}
