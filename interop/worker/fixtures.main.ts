import { recordedToolkit } from '../../testing/exchanges/recorded';
import { readFixtureTools } from '../../testing/worker/fixtures';
import { loadCatalog } from '../../worker/catalog/load';
import { parseConfig } from '../../worker/config/config';
import { serve } from '../../worker/serve';
import { createLogger } from '../../worker/telemetry/log';

// The worker with the fixture tools besides its own: everything but the list of tools is what `worker/main.ts` runs.
const config = parseConfig(process.env);
void serve(config, loadCatalog(recordedToolkit, readFixtureTools()), createLogger(config));
