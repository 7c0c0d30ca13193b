import { parseImage } from '../model/image';
import type { Server } from '../model/spec';

/** The label that changes with the image. */
export const versionLabel = 'app.kubernetes.io/version';

/** The labels of every object of a server. */
export function labelsOf(server: Server): Record<string, string> {
  return {
    'app.kubernetes.io/name': server.name,
    'app.kubernetes.io/instance': server.name,
    'app.kubernetes.io/part-of': server.platform.project,
    'app.kubernetes.io/managed-by': server.platform.tool,
    [versionLabel]: versionOf(server),
    team: server.team,
  };
}

/** The labels that select a server's pods. They never change, because a Deployment's selector is immutable. */
export function selectorOf({ name }: Server): Record<string, string> {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name };
}

/** The same as an object's selector. */
export function labelSelector(server: Server) {
  return { matchLabels: selectorOf(server) };
}

/** The image's tag or the start of its digest, as a label value: at most 63 characters, alphanumeric at both ends. */
function versionOf({ image }: Server): string {
  const { tag, digest } = parseImage(image) ?? {};
  const version = tag ?? digest?.replace('sha256:', '').slice(0, 12) ?? '';
  return version.slice(0, 63).replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
