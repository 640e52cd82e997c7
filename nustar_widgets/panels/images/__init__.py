"""Images with the regions over them: the view in the page, and a picture where there is none."""
