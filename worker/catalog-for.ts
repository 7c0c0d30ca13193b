import { type Catalog, loadCatalog } from './catalog/load';
import type { Config } from './config/config';
import { toolkit } from './toolkit';

/** The catalogue that a configuration leaves of some tools. @throws Error that lists every mistake of every tool */
export function catalogFor(config: Config, tools: ReadonlyMap<string, unknown>): Catalog {
  const { disabledTools, disabledToolkits, toolNameSeparator: separator } = config;
  return loadCatalog(toolkit, tools, { disabledTools, disabledToolkits, separator });
}
