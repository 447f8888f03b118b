/** Opens `.jsonl` files in the dataset viewer. The server reads the rows; the page never loads the file. */

import type { JupyterFrontEnd } from "@jupyterlab/application";
import {
  ABCWidgetFactory,
  type DocumentRegistry,
  DocumentWidget,
  TextModelFactory,
} from "@jupyterlab/docregistry";
import { mount } from "../widgets/dataset_viewer/index.ts";
import { MountedView } from "./mounted.ts";
import { boxIcon } from "./panel.ts";
import type { Server } from "./server.ts";
import * as strings from "./strings.ts";

const FILE_TYPE = "jsonl";
const MODEL = "modelops-rows";

/** A model without content: `null` as format tells JupyterLab to fetch only the file's facts. */
class NoContent extends TextModelFactory {
  override get name(): string {
    return MODEL;
  }
  // biome-ignore lint/suspicious/noExplicitAny: the base class types it as "text", the interface allows null
  override get fileFormat(): any {
    return null;
  }
}

class Factory extends ABCWidgetFactory<DocumentWidget<MountedView>> {
  private readonly server: Server;

  constructor(server: Server) {
    super({
      name: strings.fileViewer,
      label: strings.fileViewer,
      modelName: MODEL,
      fileTypes: [FILE_TYPE],
      defaultFor: [FILE_TYPE],
      readOnly: true,
    });
    this.server = server;
  }

  protected createNewWidget(context: DocumentRegistry.Context): DocumentWidget<MountedView> {
    const spec = { dataset: `file:${context.localPath}` };
    const connect = () => this.server.carrier();
    const content = new MountedView({ kind: "dataset", mount, spec, connect });
    content.addClass("mo-document");
    content.title.icon = boxIcon;
    return new DocumentWidget({ content, context });
  }
}

/** Only where the server can read the rows: elsewhere the text editor stays in charge. */
export async function openRows(app: JupyterFrontEnd, server: Server): Promise<void> {
  if (!(await server.hello())) return;
  const { docRegistry } = app;
  if (!docRegistry.getFileType(FILE_TYPE))
    docRegistry.addFileType({
      name: FILE_TYPE,
      extensions: [".jsonl", ".ndjson"],
      mimeTypes: ["text/jsonl"],
    });
  docRegistry.addModelFactory(new NoContent());
  // The cast is about JupyterLab's optional properties, which its own types declare in two ways.
  docRegistry.addWidgetFactory(new Factory(server) as unknown as DocumentRegistry.WidgetFactory);
}
