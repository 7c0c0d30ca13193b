// Generated from arcade-mcp-server 1.32.1 by testing/processes/python/engine_words.py; do not edit.

/** The release that the tables come from. */
export const wordsOf = 'arcade-mcp-server 1.32.1';

/** The well-known providers of an engine. */
export const providers = [
  'airtable',
  'asana',
  'atlassian',
  'attio',
  'calendly',
  'clickup',
  'discord',
  'dropbox',
  'figma',
  'github',
  'google',
  'hubspot',
  'linear',
  'linkedin',
  'microsoft',
  'microsoft-powerbi',
  'notion',
  'pagerduty',
  'reddit',
  'slack',
  'spotify',
  'twitch',
  'x',
  'zoom',
] as const;

/** A provider. One that is not in the table is accepted with a warning, because a newer engine may know it. */
export type Provider = (typeof providers)[number] | (string & {});

/** The service domains of an engine. */
export const serviceDomains = [
  'project_management',
  'crm',
  'contacts',
  'email',
  'calendar',
  'messaging',
  'documents',
  'cloud_storage',
  'spreadsheets',
  'presentations',
  'design',
  'source_code',
  'payments',
  'social_media',
  'video_hosting',
  'music_streaming',
  'customer_support',
  'ecommerce',
  'incident_management',
  'web_scraping',
  'code_sandbox',
  'video_conferencing',
  'geospatial',
  'financial_data',
  'travel',
  'product_analytics',
  'observability',
  'sales_intelligence',
  'survey',
  'business_intelligence',
] as const;

/** A service domain. One that is not in the table is accepted with a warning, because a newer engine may know it. */
export type ServiceDomain = (typeof serviceDomains)[number] | (string & {});
