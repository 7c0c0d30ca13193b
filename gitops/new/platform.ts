import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { platformFrom } from '../../model/platform';
import { Problem, Problems, stopOnErrors } from '../../model/problem';
import { platformFacts } from '../rules/platform-facts';
import { checkDates, readCertificate } from '../seal/certificate';
import { systemCode } from '../seal/system-error';
import { declarationText, type NewFiles, templateText } from './files';

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
  'ingress-target': { type: 'string', at: 'ingress.target', what: 'host that public records point to' },
  'apps-path': { type: 'string', at: 'gitops.appsPath', what: 'folder that Flux applies', usual: 'apps/mcp' },
  workspace: { type: 'string', at: 'dns.workspace', what: 'folder of the DNS workspace', usual: 'confirm-workspace' },
  'zone-id': { type: 'string', at: 'dns.zoneId', what: 'Terraform for its id', usual: 'local.confirm-zone-id' },
  'record-type': { type: 'string', at: 'dns.resourceType', what: 'Terraform record', usual: 'cloudflare_dns_record' },
  'ingress-class': { type: 'string', at: 'ingress.className', what: 'ingress class', usual: 'nginx' },
  'ingress-namespace': { type: 'string', at: 'ingress.namespace', what: 'of the controller', usual: 'ingress-nginx' },
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
  const isMissing = entries.some(([flag, { usual }]) => given[flag] === undefined && usual === undefined);
  const found: GivenFacts = { ...given };
  for (const [flag, { what, usual }] of entries.filter(
    ([flag, fact]) => given[flag] === undefined && fact.usual !== '-',
  )) {
    const value = usual?.replace('<zone>', found.zone ?? 'example.com');
    found[flag] = isMissing && ask !== undefined ? await ask(`${flag} (${what})`, value) : value;
  }
  return found;
}

/**
 * The files of a new platform: its declaration and the certificate that it pins. Decides; writes nothing.
 * @param pem the file of the cluster's certificate. @default - the sample, under which nothing may be delivered
 * @throws Problems everything that is wrong with the facts, or the problem of the certificate
 */
export function newPlatform(
  root: string,
  name: string,
  given: GivenFacts,
  pem: string | undefined,
  now: Date,
): NewFiles {
  const file = `platforms/certificates/${pem === undefined ? 'sample' : name}.pem`;
  const certificate = readCertificate(pem === undefined ? templateText(root, 'sample.pem') : readPem(pem), pem ?? file);
  const pin = { file, sha256: certificate.sha256, isSample: pem === undefined };
  const platform = platformFrom(name, { ...entryOf(given), certificate: pin });
  if (!('name' in platform)) throw new Problems(platform.map(byFlag));
  stopOnErrors(checkDates(certificate, pem ?? file, now));
  const wrong = platformFacts(platform).filter(({ level }) => level === 'error');
  if (wrong.length > 0) throw new Problems(wrong.map(byFlag));
  const { name: _, source, retiredCertificates, ...entry } = platform;
  const isThere = existsSync(join(root, file)) && readPem(join(root, file)) === certificate.pem;
  const declaration = [source, declarationText(root, source, 'platform', entry)] as const;
  return new Map([declaration, ...(isThere ? [] : [[file, certificate.pem] as const])]);
}

/** @throws Problem NAME-TAKEN while there is a platform: one is all there may be */
export function refuseSecondPlatform(root: string): void {
  const folder = join(root, 'platforms');
  const [first] = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.ts')) : [];
  if (first === undefined) return;
  const file = `platforms/${first}`;
  const isSample = existsSync(join(root, 'sample.json'));
  const fix = isSample ? 'take out the sample: npm run new -- eject-sample' : 'change that file, or remove it first';
  throw new Problem('NAME-TAKEN', `Cannot write a platform: there is ${file}, and one is all there may be`, {
    file,
    fix,
  });
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `Cannot read the certificate ${file}: ${systemCode(cause) ?? String(cause)}`;
    throw new Problem('CERT-NONE', message, { file, fix: 'name a PEM file', cause });
  }
}

/** `{ zone: 'example.com' }` as `{ dns: { zone: 'example.com' } }`; what is not given is left out. */
function entryOf(given: GivenFacts): Tree {
  return entries.reduce<Tree>((tree, [flag, { at }]) => {
    const value = given[flag];
    return value === undefined ? tree : withLeaf(tree, at.split('.'), value);
  }, {});
}

interface Tree {
  readonly [field: string]: Tree | string | undefined;
}

function withLeaf(tree: Tree, [field = '', ...rest]: readonly string[], value: string): Tree {
  const below = tree[field];
  return {
    ...tree,
    [field]: rest.length === 0 ? value : withLeaf(typeof below === 'object' ? below : {}, rest, value),
  };
}

/** A problem of a field, with the flags that give it; the file is not there yet. */
function byFlag({ code, message, path = '' }: Problem): Problem {
  if (path === 'name') return new Problem('NAME', message, { fix: 'choose another name' });
  const flags = entries.filter(([, { at }]) => at === path || at.startsWith(`${path}.`));
  return new Problem(code, message, { fix: flags.map(([flag, { what }]) => `--${flag} <${what}>`).join(' ') || path });
}
