import { at, isRecord } from '../../model/json';
import { nanoOf } from '../../model/quantity';
import type { Finding, ObjectCheck } from './check';

/**
 * Rejects pod templates that match their schema but that no cluster accepts. The patches of the platform and the server are
 * already merged in.
 */
export const podRules: ObjectCheck = (object) =>
  object.kind === 'Deployment'
    ? [restricted, mountsExistingVolumes, mountsDistinctPaths, requestsWithinLimits].flatMap((each) => each(object))
    : [];

const template = ['spec', 'template', 'spec'];
const container = [...template, 'containers', '0'];

/**
 * Rejects patches that violate the Pod Security level of the namespace. Flux would not notice: the Deployment is accepted,
 * but no pod starts (level restricted of pod-security-admission 0.36.3). No patch can touch the security contexts.
 */
const restricted: ObjectCheck = (object) => {
  const ofVolumes = listAt(object, ...template, 'volumes').flatMap((volume, index) => {
    const kinds = Object.keys(Object(volume)).filter((key) => key !== 'name');
    const [kind = 'emptyDir'] = kinds;
    const path = `spec.template.spec.volumes.${index}`;
    const several = `has ${kinds.join(' and ')}`;
    if (kinds.length > 1) return broken(path, several, 'keep one of the two, or use another name');
    if (restrictedVolumes.includes(kind)) return [];
    return broken(path, `is a ${kind}`, `use one of ${restrictedVolumes.join(', ')}`);
  });
  return [...ofVolumes, ...hostsIn(at(object, ...container), container.join('.'))];
};

const restrictedVolumes: readonly string[] = [
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected'],
  'secret',
];

/** Probes and hooks may call only their own pod, so they must not name a host. */
function hostsIn(value: unknown, path: string): readonly Finding[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const here = `${path}.${key}`;
    const isNamed = ['httpGet', 'tcpSocket'].includes(key) && at(member, 'host') !== undefined;
    if (!isNamed) return hostsIn(member, here);
    return broken(`${here}.host`, 'names a host', 'remove it: probes and hooks call their own pod');
  });
}

/** Every mount needs its volume. */
const mountsExistingVolumes: ObjectCheck = (object) => {
  const names = listAt(object, ...template, 'volumes').map((volume) => at(volume, 'name'));
  return listAt(object, ...container, 'volumeMounts').flatMap((mount, index) => {
    const name = at(mount, 'name');
    if (names.includes(name)) return [];
    const path = [...container, 'volumeMounts', String(index), 'name'].join('.');
    const found = `names a volume that the pod does not have: it has ${names.join(', ')}`;
    return [{ code: 'RULE', path, found, fix: 'add the volume next to the mount, or use one of these names' }];
  });
};

/** Every mount needs its own path. None may propagate to the node: only privileged containers can (ValidateVolumeMounts, 1.36.3). */
const mountsDistinctPaths: ObjectCheck = (object) => {
  const mounts = listAt(object, ...container, 'volumeMounts');
  const places = mounts.map((mount) => at(mount, 'mountPath'));
  return mounts.flatMap((mount, index) => {
    const path = [...container, 'volumeMounts', String(index)].join('.');
    const [place, first] = [places[index], places.indexOf(places[index])];
    const found = `is "${place}", where ${at(mounts[first], 'name')} is already mounted`;
    const fix = 'use another folder, or the same name: the last of several volumes with one name wins';
    return [
      ...(first === index ? [] : [{ code: 'RULE', path: `${path}.mountPath`, found, fix } as const]),
      ...(at(mount, 'mountPropagation') === 'Bidirectional'
        ? broken(`${path}.mountPropagation`, 'is Bidirectional', 'remove it')
        : []),
    ];
  });
};

/** No request may exceed its limit, whichever patches they come from. */
const requestsWithinLimits: ObjectCheck = (object) => {
  const { requests, limits } = Object(at(object, ...container, 'resources'));
  return Object.entries(isRecord(requests) ? requests : {}).flatMap(([name, request]) => {
    const [least, most] = [request, at(limits, name)].map((amount) => nanoOf(String(amount ?? '')));
    if (least === undefined || most === undefined || least <= most) return [];
    const path = [...container, 'resources', 'requests', name].join('.');
    const found = `is above the limit "${at(limits, name)}", which no API server accepts`;
    return [{ code: 'RULE', path, found, fix: 'raise the limit, or lower the request' }];
  });
};

function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = at(value, ...path);
  return Array.isArray(list) ? list : [];
}

function broken(path: string, found: string, fix: string): readonly Finding[] {
  return [{ code: 'POLICY', path, found: `${found} (policy pod-restricted)`, fix }];
}
