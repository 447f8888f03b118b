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

  constructor(view: View) {
    super();
    this.addClass("mo-mounted");
    this.view = view;
  }

  protected override onAfterAttach(): void {
    if (this.isVisible) this.start();
  }

  protected override onAfterShow(): void {
    this.start();
  }

  protected override onBeforeHide(): void {
    this.stop();
  }

  protected override onBeforeDetach(): void {
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
