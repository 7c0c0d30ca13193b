import type { Platform } from '../../model/platform';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import type { Allowlist } from '../engine/allowlist';
import type { Secret } from '../seal/secret';
import type { Target } from './target';

export interface TargetOptions {
  readonly secret: Secret | undefined;
  readonly allowlist: Allowlist;
  /** The address that was registered, when it is another than the declared one. @default - the declared one */
  readonly url?: string | undefined;
  /** @default - none is tried */
  readonly oldSecret?: Secret | undefined;
  /** @default - not known */
  readonly expectedTools?: readonly string[] | undefined;
  /** @default - none but those that say they are read-only */
  readonly invoke?: readonly string[];
  /** Whether the cluster is asked as well. @default - false */
  readonly inCluster?: boolean;
}

/** A declaration → what is to be true of the server once it is deployed. */
export function targetOf(server: Server, platform: Platform, options: TargetOptions): Target {
  const url = registeredUrl(options.url ?? server.url);
  const isDeclared = url.hostname === server.host;
  const chart = { name: server.name, chartVersion: platform.chart?.version ?? '' };
  return {
    name: server.name,
    url,
    isInternal: isDeclared && !server.isPublic,
    cname: isDeclared && server.isPublic ? platform.ingress.target : undefined,
    expectedTools: options.expectedTools,
    invoke: options.invoke ?? [],
    secret: options.secret,
    oldSecret: options.oldSecret,
    allowlist: options.allowlist,
    cluster: options.inCluster
      ? {
          namespace: server.namespace,
          secretName: server.secretName,
          release: server.runtime === 'st-app' ? chart : undefined,
          image: server.image,
        }
      : undefined,
  };
}

function registeredUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '') {
    throw new Problem('USAGE', `Cannot ask "${text}": it is not an http or https URL`, {
      fix: 'write it as it is registered, such as https://my-server.example.com, without /worker',
    });
  }
  if (/\/worker\/?$/.test(url.pathname)) {
    throw new Problem('USAGE', `Cannot ask "${text}": the engine appends /worker by itself`, {
      fix: 'leave /worker out, here and where it is registered',
    });
  }
  return url;
}
