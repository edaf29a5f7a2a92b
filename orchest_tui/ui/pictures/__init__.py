"""Pictures in a terminal: its own graphics where it has them, else half blocks, else characters."""

from orchest_tui.ui.pictures.gallery import Gallery
from orchest_tui.ui.pictures.line import PictureLine
from orchest_tui.ui.pictures.way import Way, cell_pixels, picture_way

__all__ = ["Gallery", "PictureLine", "Way", "cell_pixels", "picture_way"]
