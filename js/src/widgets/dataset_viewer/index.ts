import type { Mount } from "../../core/view.ts";
import { DatasetViewer } from "./viewer.ts";

export const mount: Mount = (context) => {
  const viewer = new DatasetViewer(context);
  return () => viewer.dispose();
};
