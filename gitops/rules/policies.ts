import type { Manifest } from '../../charts/render';
import { isPinned, parseImage } from '../../model/image';
import { at } from '../../model/json';
import type { Finding, ObjectCheck } from './check';

/** The policies of this repository, beyond what makes an object valid. */
export const policies: ObjectCheck = (object) =>
  [imagePinned, podSecurity, noLoginWall, resourcesRequested].flatMap((policy) => policy(object));

const imagePinned: ObjectCheck = (object) =>
  imagesOf(object).flatMap(([path, image]) => {
    const parsed = parseImage(image);
    if (parsed !== undefined && isPinned(parsed)) return [];
    const fix = 'end it in an exact version or a digest';
    return broken('image-pinned', path, `"${image}" is not pinned to one build`, fix);
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
  const found = 'is on: the engine and every MCP client would get a login page';
  return broken('no-login-wall', path.join('.'), found, 'set oAuth.enabled to false');
};

const resourcesRequested: ObjectCheck = (object) => {
  if (!['HelmRelease', 'Deployment'].includes(object.kind)) return [];
  const resources = at(object, 'spec', 'values', 'resources') ?? at(containerOf(object), 'resources');
  const wanted = ['requests.cpu', 'requests.memory', 'limits.memory'];
  if (wanted.every((path) => at(resources, ...path.split('.')) !== undefined)) return [];
  const fix = 'set requests for CPU and memory, and a limit for memory';
  return broken('resources-requested', 'resources', 'lack a request or the memory limit', fix);
};

function broken(policy: string, path: string, found: string, fix: string): readonly Finding[] {
  return [{ code: 'POLICY', path, found: `${found} (policy ${policy})`, fix }];
}

/** The images that an object runs or mounts as files, each with its path. */
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
