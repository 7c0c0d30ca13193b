import { defineResource } from '#tool';

export default defineResource({
  file: 'greedy.html',
  page: {
    csp: { connectDomains: ['https://api.example.com', 'https://tracker.example.com'] },
    permissions: ['camera'],
  },
});
