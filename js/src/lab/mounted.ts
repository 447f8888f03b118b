/** A view of ours inside a Lumino widget: mounted while it can be seen, so a hidden one asks nothing. */

import { Widget } from "@lumino/widgets";
import { present } from "../core/present.ts";
import type { Mount, Spec } from "../core/view.ts";
import type { Carrier } from "../wire/carrier.ts";

export interface View {
  readonly kind: string;
  readonly mount: Mount;
  readonly spec: Spec;
  readonly connect: () => Carrier;
}

export class MountedView extends Widget {
  private readonly view: View;
  private unmount: (() => void) | null = null;
  /** Asks the page: JupyterLab tells nothing to the outputs of a cell that it takes out and brings back. */
  private readonly laidOut = new ResizeObserver(() => {
    if (this.node.offsetWidth > 0) this.start();
  });

  constructor(view: View) {
    super();
    this.addClass("mo-mounted");
    this.view = view;
  }

  protected override onAfterAttach(): void {
    this.laidOut.observe(this.node);
  }

  /** What was hidden and shown between two frames was laid out all along. */
  protected override onAfterShow(): void {
    this.start();
  }

  protected override onBeforeHide(): void {
    this.stop();
  }

  protected override onBeforeDetach(): void {
    this.laidOut.disconnect();
    this.stop();
  }

  private start(): void {
    const { kind, mount, spec, connect } = this.view;
    this.unmount ??= present(this.node, kind, mount, connect(), spec);
  }

  private stop(): void {
    this.unmount?.();
    this.unmount = null;
  }
}
