import type { Manifest } from '../../charts/render';
import { isPinned, parseImage } from '../../model/image';
import { at } from '../../model/json';
import type { Finding, ObjectCheck } from './check';

/** What this platform asks of its objects beyond being valid. */
export const policies: ObjectCheck = (object) =>
  [imagePinned, podSecurity, noLoginWall, resourcesRequested].flatMap((policy) => policy(object));

const imagePinned: ObjectCheck = (object) =>
  imagesOf(object).flatMap(([path, image]) => {
    const parsed = parseImage(image);
    if (parsed !== undefined && isPinned(parsed)) return [];
    const fix = 'end it in an exact version or a digest';
    return broken('image-pinned', path, `"${image}" is not one build for ever`, fix);
  });

const podSecurity: ObjectCheck = ({ kind, metadata }) => {
  const key = 'pod-security.kubernetes.io/enforce';
  if (kind !== 'Namespace' || ['baseline', 'restricted'].includes(metadata.labels?.[key] ?? '')) return [];
  const fix = `set ${key} to baseline or restricted`;
  return broken('pod-security', 'metadata.labels', 'enforces no Pod Security level', fix);
};

const noLoginWall: ObjectCheck = (object) => {
  const path = ['spec', 'values', 'oAuth', 'enabled'];
  if (object.kind !== 'HelmRelease' || at(object, ...path) === false) return [];
  const found = 'is on: a login page would answer the engine and every MCP client';
  return broken('no-login-wall', path.join('.'), found, 'leave oAuth.enabled at false for machines');
};

const resourcesRequested: ObjectCheck = (object) => {
  if (!['HelmRelease', 'Deployment'].includes(object.kind)) return [];
  const resources = at(object, 'spec', 'values', 'resources') ?? at(containerOf(object), 'resources');
  const wanted = ['requests.cpu', 'requests.memory', 'limits.memory'];
  if (wanted.every((path) => at(resources, ...path.split('.')) !== undefined)) return [];
  const fix = 'state requests for CPU and memory and a limit for memory';
  return broken('resources-requested', 'resources', 'are not requested', fix);
};

function broken(policy: string, path: string, found: string, fix: string): readonly Finding[] {
  return [{ code: 'POLICY', path, found: `${found} (policy ${policy})`, fix }];
}

/** What is run, and what is mounted as files, each with its place. */
function imagesOf(object: Manifest): readonly (readonly [path: string, image: string])[] {
  const values = at(object, 'spec', 'values', 'image');
  const image =
    values === undefined ? at(containerOf(object), 'image') : `${at(values, 'repository')}:${at(values, 'tag')}`;
  const volumes = at(object, 'spec', 'template', 'spec', 'volumes');
  const mounted = (Array.isArray(volumes) ? volumes : []).map(
    (volume: unknown, index) =>
      [`spec.template.spec.volumes.${index}.image.reference`, at(volume, 'image', 'reference')] as const,
  );
  return [['image', image] as const, ...mounted].flatMap(([path, text]) =>
    typeof text === 'string' ? [[path, text] as const] : [],
  );
}

function containerOf(object: Manifest): unknown {
  return at(object, 'spec', 'template', 'spec', 'containers', '0');
}
