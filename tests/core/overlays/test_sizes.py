"""Pictures in the sizes in which they are painted over."""

import numpy as np

from csai_core.overlays.sizes import at_least, enlarged


def test_a_picture_of_its_own_width_stays():
    frame = np.zeros((10, 20, 3), np.uint8)
    assert enlarged(frame, None) is enlarged(frame, 20) is frame
    assert enlarged(frame, 40).shape == (20, 40, 3)


def test_only_small_pictures_are_enlarged_and_keep_their_shape():
    frame = np.full((10, 20, 3), 7, np.uint8)
    assert at_least(frame, 20) is frame
    large = at_least(frame, 60)
    assert large.shape == (30, 60, 3)
    assert (large == 7).all()
