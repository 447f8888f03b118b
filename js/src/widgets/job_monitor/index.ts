import type { Mount } from "../../core/view.ts";

export const mount: Mount = () => () => undefined;
