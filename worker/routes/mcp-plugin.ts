import type { FastifyPluginAsync } from 'fastify';
import type { Catalog } from '../catalog/load';
import type { Config } from '../config/config';
import { type McpParts, mcpEndpoint } from '../mcp/assemble';
import { hostRules } from '../mcp/hosts';
import { ResourceServer, serveMetadata } from '../oauth/resource-server';
import type { Lifecycle } from '../telemetry/operations';
import { type McpRouteOptions, mcpRoute } from './mcp';
import { requestLog } from './mcp-log';

/** `/mcp` and, where callers have to sign in, the metadata that tells clients where. */
export function mcpPlugin(
  config: Config,
  catalog: Catalog,
  { lifecycle, isLate, ...parts }: McpParts & Pick<McpRouteOptions, 'isLate'> & { readonly lifecycle: Lifecycle },
): FastifyPluginAsync {
  return async (app) => {
    const { allowedHosts = [], allowedOrigins = [], resourceServer: settings, requestsPerMinute } = config.mcp;
    const canonicalUrl = settings?.canonicalUrl;
    const rules = hostRules({ boundTo: config.host, canonicalUrl, allowedHosts, allowedOrigins });
    if (rules.hosts === undefined) parts.log.warn('Host is not checked on /mcp; set MCP_ALLOWED_HOSTS to check it');
    const endpoint = await mcpEndpoint(config, catalog, parts);
    const resourceServer = settings && new ResourceServer(settings);
    if (resourceServer) serveMetadata(app, resourceServer, catalog.serverName);
    await app.register(
      mcpRoute({
        endpoint,
        rules,
        resourceServer,
        requestsPerMinute,
        isLate,
        isStopping: () => lifecycle.isDraining,
        onEnd: requestLog(parts.log, parts.metrics, endpoint),
      }),
    );
  };
}
