"""What exercises of chapter 00 share."""

PAGE = "00_start.html#start-"
