import { defineConfig } from 'drizzle-kit';

/** `pnpm db:generate` compares the schema with the migrations made so far and writes the next one. */
export default defineConfig({
  dialect: 'mysql',
  schema: './src/store/schema.ts',
  out: './drizzle',
});
