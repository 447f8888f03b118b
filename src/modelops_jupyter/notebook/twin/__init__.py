"""Static twins: what a widget shows, as plain HTML that every host keeps."""
