import { render } from '../../charts/render';
import { yamlOf } from '../../charts/yaml';
import { workspaceOf } from '../../model/dns';
import { markerOf } from '../../model/marker';
import type { Platform } from '../../model/platform';
import { type Problem, Problems } from '../../model/problem';
import type { Server } from '../../model/spec';
import { allowlistOf, engineConfigOf } from '../engine/engine-config';
import type { OutputFile } from '../rules/output-file';
import { registryFiles } from './registry';
import { type SealedServer, topology } from './topology';

/**
 * Renders the declarations to files: a plain function, without clock, network or disk.
 * @param platforms all platforms
 * @param progress called with the number of servers rendered so far
 * @param declared all servers, for the diagram. @default - the rendered ones
 * @throws Problems of every server that could not be rendered
 */
export function outputFiles(
  servers: readonly SealedServer[],
  platforms: readonly Platform[],
  progress: (rendered: number) => void = () => {},
  declared: readonly SealedServer[] = servers,
): readonly OutputFile[] {
  const problems: Problem[] = [];
  const manifests = servers.flatMap((server, index) => {
    progress(index);
    try {
      return clusterFiles(server);
    } catch (error) {
      if (!(error instanceof Problems)) throw error;
      problems.push(...error.list);
      return [];
    }
  });
  if (problems.length > 0) throw new Problems(problems);
  const rendered = servers.map(({ server }) => server);
  return [
    ...manifests,
    ...rendered.flatMap(engineFiles),
    ...platforms.flatMap((platform) =>
      dnsFiles(
        rendered.filter((server) => server.platform === platform),
        platform,
      ),
    ),
    ...rendered.flatMap(registryFiles),
    // Outside the roots of the target repositories, because only readers of this one need it.
    { path: 'topology.md', text: topology(declared, platforms) },
  ];
}

function clusterFiles({ server, sealed }: SealedServer): readonly OutputFile[] {
  const platform = server.platform.name;
  return render(server, sealed).map(({ name, text, objects }) => ({
    path: `${server.manifests}/${name}`,
    text,
    objects,
    server: server.name,
    platform,
  }));
}

/** The engine configuration of an internal server. Outside the roots of the target repositories: Flux must not read it. */
function engineFiles(server: Server): readonly OutputFile[] {
  if (server.isPublic) return [];
  const { name: platform, flag, tool } = server.platform;
  const file = (name: string, content: object) => ({
    path: `arcade-engine/${flag === '' ? '' : `${platform}/`}${server.name}/${name}`,
    text: `# ${markerOf(server.source, tool)}\n${yamlOf(content)}`,
    server: server.name,
    platform,
  });
  return [file('engine.yaml', engineConfigOf(server)), file('helm-values.yaml', allowlistOf(server))];
}

function dnsFiles(servers: readonly Server[], platform: Platform): readonly OutputFile[] {
  const dns = workspaceOf(platform);
  if (dns === undefined || !servers.some(({ isPublic }) => isPublic)) return [];
  // Loaded on demand: cdktf takes a tenth of a second, and nothing else needs it.
  const { terraformFiles } = require('../../dns/terraform') as typeof import('../../dns/terraform');
  return terraformFiles(servers, platform).map(({ name, ...file }) => ({
    path: `${dns.repository}/${dns.workspace}/${name}`,
    ...file,
    platform: platform.name,
  }));
}
