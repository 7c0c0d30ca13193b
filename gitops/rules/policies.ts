import type { Manifest } from '../../charts/render';
import { isPinned, parseImage } from '../../model/image';
import { at, type ObjectCheck, objectProblem } from './check';

/** What this platform asks of its objects beyond being valid. Each policy is a function of the object. */
export const policies: ObjectCheck = (object, file) =>
  Object.entries(byName).flatMap(([name, policy]) => {
    const broken = policy(object);
    if (broken === undefined) return [];
    const { path, found, fix } = broken;
    return [objectProblem('POLICY', { object, file, path }, `${found} (policy ${name})`, fix)];
  });

type Policy = (object: Manifest) => { readonly path: string; readonly found: string; readonly fix: string } | undefined;

const imagePinned: Policy = (object) => {
  const image = imageOf(object);
  const parsed = image === undefined ? undefined : parseImage(image);
  if (image === undefined || (parsed !== undefined && isPinned(parsed))) return undefined;
  return {
    path: 'image',
    found: `"${image}" is not one build for ever`,
    fix: 'end it in an exact version or a digest',
  };
};

const podSecurity: Policy = ({ kind, metadata }) => {
  const key = 'pod-security.kubernetes.io/enforce';
  if (kind !== 'Namespace' || ['baseline', 'restricted'].includes(metadata.labels?.[key] ?? '')) return undefined;
  return {
    path: 'metadata.labels',
    found: 'enforces no Pod Security level',
    fix: `set ${key} to baseline or restricted`,
  };
};

const noLoginWall: Policy = (object) => {
  const path = ['spec', 'values', 'oAuth', 'enabled'];
  if (object.kind !== 'HelmRelease' || at(object, ...path) === false) return undefined;
  const found = 'is on: a login page would answer the engine and every MCP client';
  return { path: path.join('.'), found, fix: 'leave oAuth.enabled at false for machines' };
};

const resourcesRequested: Policy = (object) => {
  if (!['HelmRelease', 'Deployment'].includes(object.kind)) return undefined;
  const resources = at(object, 'spec', 'values', 'resources') ?? at(containerOf(object), 'resources');
  const wanted = [
    ['requests', 'cpu'],
    ['requests', 'memory'],
    ['limits', 'memory'],
  ];
  if (wanted.every((path) => at(resources, ...path) !== undefined)) return undefined;
  return {
    path: 'resources',
    found: 'are not requested',
    fix: 'state requests for CPU and memory and a limit for memory',
  };
};

const byName = {
  'image-pinned': imagePinned,
  'pod-security': podSecurity,
  'no-login-wall': noLoginWall,
  'resources-requested': resourcesRequested,
};

function imageOf(object: Manifest): string | undefined {
  const values = at(object, 'spec', 'values', 'image');
  const image =
    values === undefined ? at(containerOf(object), 'image') : `${at(values, 'repository')}:${at(values, 'tag')}`;
  return typeof image === 'string' ? image : undefined;
}

function containerOf(object: Manifest): unknown {
  return at(object, 'spec', 'template', 'spec', 'containers', '0');
}
