import { z } from 'zod';
import { defineSettings } from '../settings.ts';

export const engineSettings = defineSettings({
  GESSO_ENGINES_FILE: {
    schema: z.string().optional(),
    description:
      "A TOML file with the operator's own engines (LocalAI, vLLM-Omni, SGLang, sd-server, ComfyUI, AUTOMATIC1111 ...), as docs/recipes/own-engines.md says.",
  },
});
