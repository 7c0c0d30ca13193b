import { defineResource } from '#tool';

export default defineResource({ title: 'The temperature of a city', file: 'card.html', page: { prefersBorder: true } });
